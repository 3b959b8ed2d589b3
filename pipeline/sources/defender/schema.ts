import { z } from 'zod';
import { isObject, type Json } from '../../../platform/json.ts';
import { parseTime } from '../shared/time.ts';
import { ALERT_TIMES, isAlert, STATUS_TIMES, typeOf } from './check.ts';
import { withNames } from './names.ts';

const name = z.string().min(1);
const isTime = (value: unknown): boolean => parseTime(value as Json | undefined) !== undefined;
const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas?tabs=schema-continuousexport */
const alert = z
  .looseObject({ SystemAlertId: name })
  .refine((record) => isObject(record) && isAlert(record), 'expected an alert')
  .refine(
    (record) => isName(record.AlertDisplayName) || isName(record.AlertType),
    'expected a title in AlertDisplayName',
  )
  .refine((record) => ALERT_TIMES.some((field) => isTime(record[field])), 'expected a time in TimeGenerated');

/** https://learn.microsoft.com/rest/api/defenderforcloud/assessments/get */
const assessment = z
  .looseObject({
    id: name,
    properties: z
      .looseObject({ status: z.looseObject({ code: name }) })
      .refine(
        ({ displayName, metadata }) => isName(displayName) || (isObject(metadata) && isName(metadata.displayName)),
        'expected a title in displayName',
      )
      .refine(
        ({ timeGenerated, status }) => isTime(timeGenerated) || STATUS_TIMES.some((field) => isTime(status[field])),
        'expected a time in timeGenerated or status.statusChangeDate',
      ),
  })
  .refine(
    (record) =>
      isObject(record) && /^microsoft\.security\/assessments(?:\/subassessments)?$/.test(typeOf(record) ?? ''),
    'expected the type of an assessment or sub-assessment',
  );

/**
 * What the continuous export of Defender for Cloud sends to an event hub: alerts, and assessments and the single findings that they are made of
 * ("sub-assessments"), the last also with capitalised names. Required is only what an event cannot do without.
 */
export const schema = z.preprocess(
  (value) => (isObject(value) && !isAlert(value) ? withNames(value) : value),
  z.union([alert, assessment]),
);
