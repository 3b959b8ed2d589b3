import { z } from 'zod';
import { isObject } from '../../../platform/json.ts';
import { KINDS, timeOf } from './check.ts';
import { SCHEMA_VERSION } from './findings-of.ts';

const finding = z.looseObject({}).optional().catch(undefined);

/**
 * A finding of Trivy with what it needs of its report, as `findings-of.ts` makes it. Required is only what an event cannot do without: the version of the
 * report, what was scanned, the finding, and a time, which is that of the report or that at which it came.
 */
export const schema = z
  .looseObject({
    SchemaVersion: z.literal(SCHEMA_VERSION),
    ArtifactName: z.string().min(1),
    CreatedAt: z.unknown().optional(),
    received: z.unknown().optional(),
    Vulnerability: finding,
    Misconfiguration: finding,
    Secret: finding,
  })
  .refine((record) => KINDS.some((kind) => record[kind] !== undefined), {
    path: [KINDS.join(' or ')],
    error: 'expected a finding',
  })
  .refine((record) => isObject(record) && timeOf(record) !== undefined, {
    path: ['CreatedAt'],
    error: 'expected a time',
  });
