import { textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { ApiActivity } from '../../timeline/ocsf/types.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';

/** How far an operation came, as one of its rows tells. */
export interface Outcome {
  readonly statusId: NonNullable<ApiActivity['status_id']>;
  /** The phase in the record's own word (`Start`, `Accept`, `Success`), where OCSF has no caption for it. */
  readonly status?: string | undefined;
  /** The status of the HTTP answer, as named or numbered. */
  readonly code?: string | undefined;
  readonly httpStatus?: number | undefined;
  /** Whether the answer says that something came to be that was not there before. */
  readonly created: boolean;
}

const HTTP_STATUS: ReadonlyMap<string, number> = new Map([
  ['ok', 200],
  ['created', 201],
  ['accepted', 202],
  ['nocontent', 204],
  ['badrequest', 400],
  ['unauthorized', 401],
  ['forbidden', 403],
  ['notfound', 404],
  ['methodnotallowed', 405],
  ['conflict', 409],
  ['gone', 410],
  ['preconditionfailed', 412],
  ['toomanyrequests', 429],
  ['internalservererror', 500],
  ['notimplemented', 501],
  ['badgateway', 502],
  ['serviceunavailable', 503],
  ['gatewaytimeout', 504],
]);

const LONGEST_CODE = 64;
const codes = new BoundedCache(readCode, 512);

/** Reads the phase of an operation and the answer that it got. */
export function outcomeOf(record: JsonObject, properties: JsonObject | undefined): Outcome {
  const word = textOf(record.resultType);
  const statusId = statusOf(word);
  const code = codeOf(properties?.statusCode) ?? codeOf(record.resultSignature);
  return {
    statusId,
    status: statusId === 1 ? 'Success' : statusId === 2 ? 'Failure' : statusId === 99 ? word : undefined,
    code: code?.text,
    httpStatus: code?.status,
    created: code?.status === 201,
  };
}

/** The diagnostic export says Start, Accept, Success and Failure; tables and API before 2021 Started, Accepted, Succeeded and Failed. */
function statusOf(word: string | undefined): Outcome['statusId'] {
  switch (word) {
    case undefined:
      return 0;
    case 'Start':
    case 'Accept':
      return 99;
    case 'Success':
      return 1;
    case 'Failure':
      return 2;
  }
  const folded = word.toLowerCase();
  if (folded === 'success' || folded === 'succeeded') return 1;
  return folded === 'failure' || folded === 'failed' ? 2 : 99;
}

interface Code {
  readonly text?: string | undefined;
  readonly status?: number | undefined;
}

function codeOf(value: Json | undefined): Code | undefined {
  if (typeof value === 'number') return isHttpStatus(value) ? { text: String(value), status: value } : undefined;
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_CODE) return undefined;
  const code = codes.get(value);
  return code.text === undefined ? undefined : code;
}

/** `Forbidden`, `403`, `Failed.Forbidden`, `Conflict (HTTP Status Code: 409)`, and `Started.` for none. */
function readCode(text: string): Code {
  const dot = text.indexOf('.');
  const name = text.slice(dot + 1).trim();
  if (name === '') return {};
  const number = Number(/(?:^|[ :(])(\d{3})\)?$/.exec(name)?.[1]);
  if (isHttpStatus(number)) return { text: name, status: number };
  return { text: name, status: HTTP_STATUS.get(name.toLowerCase()) };
}

const isHttpStatus = (value: number): boolean => Number.isInteger(value) && value >= 100 && value < 600;
