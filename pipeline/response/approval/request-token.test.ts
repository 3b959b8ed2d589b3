import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApprovalKey, approvalKeyIn, approvalKeyOf } from './approval-key.ts';
import { approvalLink, claimsOf, readRequestToken, requestToken, type RequestClaims } from './request-token.ts';
import { NOW, sampleResponse } from './response-samples.ts';

const SECRET = 'invented-key-of-a-test-0123456789abcdef';
const KEY = new ApprovalKey(SECRET, 'test');
const CLAIMS = claimsOf(sampleResponse());

const asked = (): RequestClaims => CLAIMS ?? expect.fail('the sample asks nobody');

const anyClaims = fc.record({
  response: fc.stringMatching(/^[\w-]{1,128}$/),
  number: fc.integer({ min: 1 }),
  planHash: fc.stringMatching(/^[0-9a-f]{64}$/),
  expires: fc.integer({ min: 1, max: 4e12 }),
});

describe('tokens', () => {
  it('give back what was signed', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        const token = requestToken(claims, KEY);
        expect(readRequestToken(token, KEY, claims.expires - 1, claims.response)).toEqual(claims);
        expect(readRequestToken(token, KEY, claims.expires)).toBe('expired');
        expect(token.length).toBeLessThan(1000);
      }),
    );
  });

  it('are refused with any character changed, left out or added', () => {
    const token = requestToken(asked(), KEY);
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ';
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...characters.split(''), ''), (at, by) => {
        fc.pre(token[at] !== by);
        const found = readRequestToken(token.slice(0, at) + by + token.slice(at + 1), KEY, NOW);
        expect(['malformed', 'foreign', 'altered']).toContain(found);
      }),
      { numRuns: 2000 },
    );
    expect(readRequestToken(`${token}A`, KEY, NOW)).toBe('malformed');
  });

  it('are refused each for its own reason', () => {
    const token = requestToken(asked(), KEY);
    const [id = '', body = '', signature = ''] = token.split('.');
    const swapped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    expect(readRequestToken(undefined, KEY, NOW)).toBe('malformed');
    expect(readRequestToken('a'.repeat(100_000), KEY, NOW)).toBe('malformed');
    expect(readRequestToken(token, new ApprovalKey(`${SECRET}!`, 'test'), NOW)).toBe('foreign');
    expect(readRequestToken(`${id}.${body}.${swapped}`, KEY, NOW)).toBe('altered');
    expect(readRequestToken(token, KEY, NOW, 'response-other')).toBe('other-response');
    expect(readRequestToken(token, KEY, asked().expires)).toBe('expired');
    const odd = Buffer.from('{"__proto__":1}').toString('base64url');
    const signed = KEY.sign('crosstrail approval request 1', odd).toString('base64url');
    expect(readRequestToken(`${id}.${odd}.${signed}`, KEY, NOW)).toBe('malformed');
    const other = KEY.sign('another purpose', body).toString('base64url');
    expect(readRequestToken(`${id}.${body}.${other}`, KEY, NOW)).toBe('altered');
  });

  it('stand in the link, once, without a second slash', () => {
    const link = new URL(approvalLink('https://contoso.example/api/', asked(), KEY));
    expect(link.pathname).toBe('/api/approvals/response-0123456789abcdef0123456789abcdef');
    expect(readRequestToken(link.searchParams.get('token') ?? '', KEY, NOW)).toEqual(asked());
  });
});

describe('keys', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'crosstrail-key-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('come from the environment, and say what is wrong without themselves', () => {
    expect(approvalKeyOf({ CROSSTRAIL_APPROVAL_KEY: ` ${SECRET}\n` }).id).toBe(KEY.id);
    expect(() => approvalKeyOf({})).toThrow(/CROSSTRAIL_APPROVAL_KEY is not set/);
    expect(() => approvalKeyOf({ CROSSTRAIL_APPROVAL_KEY: 'hunter2'.repeat(4) })).toThrow(
      /^CROSSTRAIL_APPROVAL_KEY holds 28 bytes(?!.*hunter)/,
    );
    expect(`${inspect(KEY, { depth: 9, showHidden: true })}${JSON.stringify(KEY)}`).not.toContain(SECRET);
  });

  it('are made once in a folder, for the user alone', () => {
    const made = approvalKeyIn(folder);
    const file = join(folder, 'approval.key');
    expect(readdirSync(folder)).toEqual(['approval.key']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    expect(approvalKeyIn(folder).id).toBe(made.id);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, 'short');
    expect(() => approvalKeyIn(folder)).toThrow(/approval\.key holds 5 bytes/);
  });
});
