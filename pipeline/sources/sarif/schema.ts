import { z } from 'zod';
import { isObject } from '../../../platform/json.ts';
import { timeOf } from './check.ts';
import { SARIF_VERSION } from './results-of.ts';

const text = z.string().optional().catch(undefined);
const object = z.looseObject({}).optional().catch(undefined);

/**
 * A result of a SARIF log with what it needs of its run, as `results-of.ts` makes it. Required is only what an event cannot do without: the version of the
 * format, the result, and a time, which is that of the run or that at which the log came.
 */
export const schema = z
  .looseObject({
    sarif: z.unknown().optional(),
    version: z.unknown().optional(),
    run: object,
    rule: object,
    result: z.looseObject({ ruleId: text, message: object }),
    received: z.unknown().optional(),
  })
  .refine(({ sarif, version }) => (sarif ?? version) === SARIF_VERSION, {
    path: ['version'],
    error: `expected version ${SARIF_VERSION} of SARIF`,
  })
  .refine((record) => isObject(record) && timeOf(record) !== undefined, {
    path: ['run', 'invocations', 'endTimeUtc'],
    error: 'expected a time',
  });
