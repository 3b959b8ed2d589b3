import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { parseJson, type Json } from '../../../platform/json.ts';
import type { ApprovalRequest, Response } from '../response.ts';
import type { ApprovalKey } from './approval-key.ts';

/** What a link or a button stands for: one request of one response, for one plan, until it expires. */
export interface RequestClaims {
  readonly response: string;
  /** Of the request; rises with each of a response. */
  readonly number: number;
  readonly planHash: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly expires: number;
}

/** Why a token is not taken. */
export type TokenRefusal =
  /** It is no token at all. */
  | 'malformed'
  /** Signed with another key: by another deployment, or before the key was changed. */
  | 'foreign'
  /** Signed with this key, and not as it is now. */
  | 'altered'
  /** Of another response than the one asked for. */
  | 'other-response'
  | 'expired';

const PURPOSE = 'crosstrail approval request 1';
const LONGEST = 1024;
const SHAPE = /^([\w-]{8})\.([\w-]{1,900})\.([\w-]{43})$/;

/** Ids of responses as they may stand in an address. */
export const RESPONSE_ID = /^[\w-]{1,128}$/;

const claims = z.tuple([
  z.string().regex(RESPONSE_ID),
  z.int().min(1),
  z.string().regex(/^[0-9a-f]{64}$/),
  z.int().min(0),
]);

/** What the request of a response, as it stands, is signed as; undefined where nobody is asked. */
export function claimsOf({ id, approval }: Pick<Response, 'id' | 'approval'>): RequestClaims | undefined {
  return approval === undefined ? undefined : claimsOfRequest(id, approval);
}

const claimsOfRequest = (response: string, { number, planHash, expires }: ApprovalRequest): RequestClaims => ({
  response,
  number,
  planHash,
  expires,
});

/** Signs a request: `<id of the key>.<claims>.<signature>`, all in base64url. It shows which request is meant, and does not say who answers. */
export function requestToken({ response, number, planHash, expires }: RequestClaims, key: ApprovalKey): string {
  const body = Buffer.from(JSON.stringify([response, number, planHash, expires])).toString('base64url');
  return `${key.id}.${body}.${key.sign(PURPOSE, body).toString('base64url')}`;
}

/**
 * Reads a token. What it is used for is decided elsewhere: that it is used once, by the state of its response.
 * @param response the id that the address names; undefined where none does
 * @param now milliseconds since 1970-01-01T00:00:00Z
 * @returns why it is not taken, where it is a text
 */
export function readRequestToken(
  text: string | undefined,
  key: ApprovalKey,
  now: number,
  response?: string,
): RequestClaims | TokenRefusal {
  const parts = text === undefined || text.length > LONGEST ? null : SHAPE.exec(text);
  const [, id = '', body = '', signature = ''] = parts ?? [];
  if (parts === null) return 'malformed';
  if (id !== key.id) return 'foreign';
  const expected = key.sign(PURPOSE, body);
  const found = Buffer.from(signature, 'base64url');
  // A base64url text of 43 characters has two bits to spare, which decoding passes over: the text itself must be the one that was signed.
  const same = found.length === expected.length && timingSafeEqual(found, expected);
  if (!same || found.toString('base64url') !== signature) return 'altered';
  const { data } = claims.safeParse(opened(body));
  if (data === undefined) return 'malformed';
  const [of, number, planHash, expires] = data;
  if (response !== undefined && of !== response) return 'other-response';
  if (now >= expires) return 'expired';
  return { response: of, number, planHash, expires };
}

/** What people are told of a token that is not taken. */
export const TOKEN_REFUSALS: Readonly<Record<TokenRefusal, string>> = {
  malformed: 'The link is not whole. Open it again from the message that it came in.',
  foreign:
    'The link was signed with another key: by another deployment, or before the key was changed. Ask for a new one.',
  altered: 'The link was changed since it was signed. Open it again from the message that it came in.',
  'other-response': 'The link is of another response. Open it again from the message that it came in.',
  expired: 'The link has expired, and with it the request: where it was not decided by then, that counts as a no.',
};

/** The page on which a request is answered. @param base of the functions: `https://contoso-crosstrail.azurewebsites.net/api` */
export const approvalLink = (base: string, asked: RequestClaims, key: ApprovalKey): string =>
  `${base.replace(/\/$/, '')}/approvals/${asked.response}?token=${requestToken(asked, key)}`;

function opened(body: string): Json | undefined {
  try {
    return parseJson(Buffer.from(body, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
