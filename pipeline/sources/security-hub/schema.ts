import { z } from 'zod';
import { isObject, type Json } from '../../../platform/json.ts';
import { CLASSES, TIMES } from './check.ts';
import { formatOf, type Format } from './formats.ts';
import { findingTime } from './times.ts';

const name = z.string().min(1);

/** A record of a format, with a time under one of the names at which it has one. */
const inFormat = <T extends z.ZodType<Record<string, unknown>>>(format: Format, shape: T) =>
  shape
    .refine((record) => isObject(record) && formatOf(record) === format, `expected a finding (${format})`)
    .refine(
      (record) => TIMES[format].some((field) => findingTime(record[field] as Json | undefined) !== undefined),
      `expected a time in ${TIMES[format].join(', ')}`,
    );

/** https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html */
const asff = inFormat('asff', z.looseObject({ Id: name, Title: name }));

/** https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html, as EventBridge sends it */
const inspector = inFormat(
  'inspector',
  z
    .looseObject({ findingArn: name })
    .refine(
      ({ title, type }) => [title, type].some((text) => typeof text === 'string' && text !== ''),
      'expected a title or a type',
    ),
);

/** https://docs.aws.amazon.com/securityhub/latest/userguide/security-hub-adv-ocsf-findings.html */
const ocsf = inFormat(
  'ocsf',
  z.looseObject({
    class_uid: z.number().refine((uid) => CLASSES.has(uid), 'expected 2002, 2003 or 2004'),
    finding_info: z.looseObject({ uid: name, title: name }),
  }),
);

/** A finding of Security Hub or Inspector, in any of three formats. Required is only what an event cannot do without. */
export const schema = z.union([asff, inspector, ocsf]);
