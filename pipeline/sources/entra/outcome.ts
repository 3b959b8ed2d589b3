import { textOf, type Json, type JsonObject } from '../../../platform/json.ts';

/** How an operation ended, in OCSF. */
export interface Outcome {
  readonly status_id: 0 | 1 | 2 | 99;
  readonly status: string;
  /** The source's own code. */
  readonly status_code: string | undefined;
  readonly status_detail: string | undefined;
}

/**
 * Codes with which Entra interrupts a sign-in to ask for more: another factor, a device, consent, a choice of account. Nothing
 * failed yet, least of all the password; the same sign-in goes on in a later record or is given up.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const INTERRUPTS: ReadonlySet<string> = new Set([
  '16000', // choose among several signed-in accounts
  '16001', // choose again
  '50058', // silent sign-in, but nobody is signed in
  '50072', // has to enrol a second factor
  '50074', // second factor asked for
  '50076', // second factor asked for, by policy or place
  '50079', // has to enrol a second factor, by policy or place
  '50097', // device authentication asked for
  '50125', // has to register for, or do, a password reset
  '50127', // has to install the broker app
  '50129', // has to register the device
  '50140', // "keep me signed in?"
  '50158', // an external challenge asked for
  '50199', // "are you trying to sign in to this app?"
  '50203', // has to register the authenticator app
  '65001', // consent asked for
]);

/** How a sign-in ended: `resultType`, which holds Entra's error code, else the code in `status`. */
export function signInOutcome(record: JsonObject, status: JsonObject | undefined): Outcome {
  const written = codeOf(record.resultType) ?? codeOf(status?.errorCode);
  const reason = textOf(status?.failureReason) ?? textOf(record.resultDescription) ?? textOf(status?.additionalDetails);
  if (written === undefined) {
    return { status_id: 0, status: 'Unknown', status_code: undefined, status_detail: reason };
  }
  if (written === '0' || /^success$/i.test(written)) {
    // `failureReason` of a success is the word "Other."
    const detail = textOf(status?.additionalDetails);
    return { status_id: 1, status: 'Success', status_code: written, status_detail: detail };
  }
  return INTERRUPTS.has(written)
    ? { status_id: 99, status: 'Interrupted', status_code: written, status_detail: reason }
    : { status_id: 2, status: 'Failure', status_code: written, status_detail: reason };
}

/** How an audited operation ended: `result`, a word or the number that Microsoft Graph gives the word. */
export function auditOutcome(record: JsonObject, properties: JsonObject): Outcome {
  const written = codeOf(properties.result) ?? codeOf(record.result) ?? codeOf(record.resultType);
  const reason = textOf(properties.resultReason) ?? textOf(properties.resultDescription);
  const detail = reason ?? textOf(record.resultDescription);
  switch (written?.toLowerCase()) {
    case undefined:
      return { status_id: 0, status: 'Unknown', status_code: undefined, status_detail: detail };
    case 'success':
    case '0':
      return { status_id: 1, status: 'Success', status_code: written, status_detail: detail };
    case 'failure':
    case '1':
    case 'timeout':
    case '2':
      return { status_id: 2, status: 'Failure', status_code: written, status_detail: detail };
    default:
      return { status_id: 99, status: written ?? '', status_code: written, status_detail: detail };
  }
}

const codeOf = (value: Json | undefined): string | undefined =>
  typeof value === 'number' ? String(value) : textOf(value);
