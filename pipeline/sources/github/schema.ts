import { z } from 'zod';
import { isObject } from '../../../platform/json.ts';
import { isRepositoryName } from '../shared/code-repository.ts';
import { entryTime, isAlertNumber, lastTime } from './check.ts';
import { formOf, isAction } from './forms.ts';

/**
 * An alert of Dependabot, code scanning or secret scanning, as a webhook brings it or the REST API lists it.
 * https://docs.github.com/webhooks/webhook-events-and-payloads
 */
const alert = z.object({
  form: z.literal('alert'),
  repository: z.string().refine(isRepositoryName, 'expected the name of a repository, with its owner'),
  alert: z
    .looseObject({ number: z.unknown().refine(isAlertNumber, 'expected the number of an alert') })
    .refine((value) => isObject(value) && lastTime(value) !== undefined, {
      path: ['updated_at'],
      error: 'expected a time',
    }),
});

/** An entry of the audit log. https://docs.github.com/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization */
const entry = z.object({
  form: z.literal('audit'),
  record: z
    .looseObject({ action: z.string().refine(isAction, 'expected an action such as repo.create') })
    .refine((value) => isObject(value) && entryTime(value) !== undefined, {
      path: ['@timestamp'],
      error: 'expected a time',
    }),
});

/** A record of GitHub, in either form. */
export const schema = z.preprocess(
  (record) => (isObject(record) ? formOf(record) : record),
  z.discriminatedUnion('form', [alert, entry]),
);
