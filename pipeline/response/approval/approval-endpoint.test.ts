import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../platform/clock.ts';
import { ConfigurationError } from '../../../platform/configuration.ts';
import { approvalSection } from '../../../platform/configuration/response/approval.ts';
import { AUDIENCE, FakeEntraLogin } from '../../../test/fakes/entra-login.ts';
import { sampleIncident } from '../../incidents/incident-samples.ts';
import type { Response } from '../response.ts';
import { answerApproval, showApproval, type ApprovalPorts } from './approval-endpoint.ts';
import { ApprovalKey } from './approval-key.ts';
import { changeLines } from './change-lines.ts';
import { decide } from './decide.ts';
import { EntraApprovers, entraRules } from './entra-approver.ts';
import { markup } from './markup.ts';
import { localApprovers, localRules } from './local-approver.ts';
import { claimsOf, requestToken } from './request-token.ts';
import { ANN, BEN, EVE, NOW, sampleRequest, sampleResponse, sampleStep, TENANT } from './response-samples.ts';

const KEY = new ApprovalKey('invented-key-of-a-test-0123456789abcdef', 'test');
const SETTINGS = approvalSection.parse({
  ...{ tenant: TENANT, audience: AUDIENCE, approvers: [ANN, BEN, EVE], quorum: 2 },
  baseUrl: 'https://crosstrail.contoso.example',
});
const INCIDENT = sampleIncident({ title: 'ann <script>alert(1)</script>' });

let login: FakeEntraLogin;
let response: Response;
let ports: ApprovalPorts;
const clock = new ManualClock(NOW);
beforeAll(async () => {
  login = await FakeEntraLogin.start(TENANT);
});
afterAll(() => login.close());
beforeEach(() => {
  response = sampleResponse({ approval: { ...sampleRequest, quorum: 2 } });
  ports = portsWith(new EntraApprovers({ settings: SETTINGS, login: login.url, clock }));
});

function portsWith(approvers: ApprovalPorts['approvers'], rules = entraRules(SETTINGS)): ApprovalPorts {
  return {
    approvers,
    clock,
    key: () => KEY,
    incidentOf: (id) =>
      id === sampleResponse().incident ? Promise.resolve(INCIDENT) : Promise.reject(new Error('away')),
    responses: {
      get: (id) => Promise.resolve(id === response.id ? response : undefined),
      answer: (_id, given) => {
        const verdict = decide(response, given, rules, clock.now());
        response = { ...response, approval: verdict.approval };
        if (verdict.decision !== undefined) {
          const state = verdict.decision === 'approved' ? 'ready' : 'dropped';
          response = { ...response, steps: [{ ...sampleStep, state }] };
        }
        return Promise.resolve({ ...verdict, response });
      },
    },
  };
}

const token = (): string => requestToken(claimsOf(response) ?? expect.fail(), KEY);
const headersOf = async (objectId: string | undefined, more: Record<string, string> = {}) =>
  new Headers({
    ...(objectId === undefined ? {} : { 'x-ms-token-aad-id-token': await login.token(objectId, NOW) }),
    ...{ host: 'crosstrail.contoso.example', origin: 'https://crosstrail.contoso.example' },
    ...{ 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' },
    ...more,
  });
const show = async (objectId: string | undefined, signed: string | undefined = token(), id = response.id) =>
  showApproval({ id, token: signed, headers: await headersOf(objectId) }, ports);
const send = async (objectId: string | undefined, form: Record<string, string>, more: Record<string, string> = {}) => {
  const body = new TextEncoder().encode(new URLSearchParams({ token: token(), ...form }).toString());
  return answerApproval({ id: response.id, token: undefined, headers: await headersOf(objectId, more), body }, ports);
};

describe('the page', () => {
  it('shows all that somebody needs to decide, and two buttons', async () => {
    const { status, body } = await show(ANN);
    expect(status).toBe(200);
    for (const text of [
      'width=device-width',
      'Approve? Contain the address',
      '0 of 2 approved.',
      'Ends in 1 h, 2026-11-21 13:00:00 UTC; no answer is a no.',
      'critical, 92 of 100: ann &lt;script&gt;alert(1)&lt;/script&gt;',
      'Asked by playbook contain-address, by binding web-attacks.',
      'nsg-deny: nsg-web',
      'Deny 198.51.100.23 inbound by rule crosstrail-deny-in-00 of nsg-web',
      '<ins>+ prefixes[]: &quot;198.51.100.23/32&quot;</ins>',
      'Undo: Takes 198.51.100.23 out of the rule again',
      'All 3 machines behind nsg-web',
      'privileged wants a person to look: Somebody must look at it',
      'Connections that stand go on (up to 4 min)',
      'It is undone by itself after 1 h.',
      `<form method="post" action="${response.id}/answer"`,
      'value="approve"',
      'value="decline"',
      `name="token" value="${token()}"`,
      `You are ${ANN}.`,
    ]) {
      expect(body).toContain(text);
    }
    expect(body).not.toContain('203.0.113.9');
    expect(body).not.toMatch(/<script|javascript:| on\w+=/i);
  });

  it('loads nothing, runs nothing, and is neither framed nor kept', async () => {
    const { headers, body } = await show(ANN);
    const style = /<style>([^]*?)<\/style>/.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers).toEqual({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(body).not.toMatch(/ style="|https?:\/\//);
  });

  it('shows the plan as it is now where it changed, with a link to answer that', async () => {
    const old = token();
    response = { ...response, approval: { ...sampleRequest, planHash: 'e'.repeat(64), number: 2 } };
    const { status, body } = await show(ANN, old);
    expect(status).toBe(409);
    expect(body).toContain('The plan changed since this link was made');
    expect(body).not.toContain('<form');
    const fresh = /href="([^"]*)"/.exec(body)?.[1]?.split('token=')[1];
    expect((await show(ANN, fresh)).body).toContain('<form');
  });

  it('has no buttons where it is decided', async () => {
    response = { ...response, steps: [{ ...sampleStep, state: 'executing' }] };
    const { status, body } = await show(ANN);
    expect(status).toBe(409);
    expect(body).toContain('nobody is asked any more');
    expect(body).not.toContain('<form');
  });

  it('is shown where the incident cannot be had', async () => {
    response = { ...response, incident: 'incident-other' };
    expect((await show(ANN)).body).toContain('incident-other; it cannot be shown at this moment');
    response = { ...response, incident: undefined };
    expect((await show(ANN)).body).toContain('there is no incident');
  });
});

describe('an answer', () => {
  it('counts, and the last one decides', async () => {
    const first = await send(ANN, { answer: 'approve' });
    expect(first.status).toBe(200);
    expect(first.body).toContain('You approved; one more person must approve too.');
    expect(first.body).toContain('1 of 2 approved.');
    expect(await send(ANN, { answer: 'approve' })).toMatchObject({ status: 200, body: includes('already') });
    expect(await send(BEN, { answer: 'approve' })).toMatchObject({ status: 200, body: includes('You approved.') });
    expect(response.steps[0]?.state).toBe('ready');
    expect(await send(EVE, { answer: 'decline', reason: 'no' })).toMatchObject({ status: 403 });
  });

  it('that declines says why, or is asked to', async () => {
    const { status, body } = await send(ANN, { answer: 'decline', reason: ' ' });
    expect({ status, form: body.includes(`<form method="post" action="../${response.id}/answer"`) }).toEqual({
      status: 400,
      form: true,
    });
    expect(response.approval?.answers).toEqual([]);
    const said = await send(ANN, { answer: 'decline', reason: '<b>ours</b>' });
    expect(said.body).toContain('declined, 2026-11-21 12:00:00 UTC (Entra token): &lt;b&gt;ours&lt;/b&gt;');
    expect(response.steps[0]?.state).toBe('dropped');
  });

  it('to another plan does not count, and leads to the new one', async () => {
    const old = token();
    response = { ...response, approval: { ...sampleRequest, planHash: 'e'.repeat(64), number: 2 } };
    const { status, body } = await send(ANN, { answer: 'approve', token: old });
    expect({ status, link: body.includes(`href="../${response.id}?token=`) }).toEqual({ status: 409, link: true });
    expect(response.approval?.answers).toEqual([]);
  });
});

const includes = (text: string) => expect.stringContaining(text) as string;
const origin = (text: string) => ({ origin: text });

describe('is refused', () => {
  it.each<[string, () => Promise<{ status: number; body: string }>, number, string]>([
    [
      'nobody',
      () => show(undefined),
      401,
      '/.auth/login/aad?post_login_redirect_uri=%2Fapi%2Fapprovals%2Fresponse-0123',
    ],
    ['a stranger', () => show('00000000-0000-4000-8000-0000000000ff'), 403, 'none of those who may approve'],
    ['no link', () => show(ANN, ''), 400, 'not whole'],
    [
      'a link of another key',
      () => show(ANN, requestToken(claimsOf(response) ?? expect.fail(), new ApprovalKey('x'.repeat(32), 'test'))),
      403,
      'another key',
    ],
    ['a link that was changed', () => show(ANN, token().slice(0, -3) + 'AAA'), 403, 'was changed'],
    ['a link of another response', () => show(ANN, token(), 'response-other'), 400, 'of another response'],
    [
      'a link that has expired',
      () => show(ANN, requestToken({ ...(claimsOf(response) ?? expect.fail()), expires: NOW }, KEY)),
      410,
      'expired',
    ],
    ['an answer of nobody', () => send(undefined, { answer: 'approve' }), 401, 'Nobody is signed in'],
    ['an answer to nothing', () => send(ANN, {}), 400, 'neither approve nor decline'],
    [
      'a form of another site',
      () => send(ANN, { answer: 'approve' }, origin('https://fabrikam.example')),
      403,
      'of another site',
    ],
    ['a form of nowhere', () => send(ANN, { answer: 'approve' }, origin('null')), 403, 'of another site'],
    [
      'a form of a neighbour',
      () => send(ANN, { answer: 'approve' }, { 'sec-fetch-site': 'same-site' }),
      403,
      'of another site',
    ],
    [
      'a form of another kind',
      () => send(ANN, { answer: 'approve' }, { 'content-type': 'text/plain' }),
      400,
      'not a form',
    ],
    ['a form too long', () => send(ANN, { answer: 'decline', reason: 'x'.repeat(20_000) }), 400, 'not a form'],
    ['whom it is about', () => send(EVE, { answer: 'approve' }), 403, 'about an identity of yours'],
  ])('%s', async (_name, call, status, why) => {
    const found = await call();
    expect(found).toMatchObject({ status, body: includes(why) });
    expect(response.approval?.answers).toEqual([]);
    if (status !== 403 || !why.includes('identity')) expect(found.body).not.toContain('nsg-web');
  });

  it('a form that does not say where it comes from', async () => {
    const headers = await headersOf(ANN);
    headers.delete('origin');
    headers.delete('sec-fetch-site');
    const body = new TextEncoder().encode(`token=${token()}&answer=approve`);
    const found = await answerApproval({ id: response.id, token: undefined, headers, body }, ports);
    expect(found).toMatchObject({ status: 403, body: includes('does not say which page') });
  });

  it('everybody, with what to configure, where nothing is', async () => {
    ports = portsWith(new EntraApprovers({ settings: approvalSection.parse({}), login: login.url, clock }));
    expect(await show(ANN)).toMatchObject({ status: 403, body: includes('response.approval.tenant') });
    ports = {
      ...portsWith(new EntraApprovers({ settings: SETTINGS, login: login.url, clock })),
      key: () => {
        throw new ConfigurationError('CROSSTRAIL_APPROVAL_KEY is not set');
      },
    };
    expect(await show(ANN)).toMatchObject({ status: 403, body: includes('CROSSTRAIL_APPROVAL_KEY is not set') });
  });

  it('a response that is gone', async () => {
    const signed = token();
    ports = { ...ports, responses: { ...ports.responses, get: () => Promise.resolve(undefined) } };
    expect(await show(ANN, signed)).toMatchObject({ status: 404 });
  });
});

describe('at one machine', () => {
  const local = { host: '127.0.0.1:7071', origin: 'http://127.0.0.1:7071' };
  beforeEach(() => {
    ports = portsWith(localApprovers('ann'), localRules('ann', 1));
    response = sampleResponse();
  });

  it('its user approves with the link', async () => {
    expect(await send(undefined, { answer: 'approve' }, local)).toMatchObject({ status: 200 });
    expect(response.approval?.answers).toMatchObject([{ by: { id: 'local:ann', by: 'this machine' } }]);
  });

  it.each([
    [
      { ...local, host: 'rebound.fabrikam.example:7071', origin: 'http://rebound.fabrikam.example:7071' },
      'another host',
    ],
    [{ ...local, origin: 'http://fabrikam.example' }, 'of another site'],
    [{ ...local, origin: 'http://127.0.0.1:8080' }, 'of another site'],
  ])('a page elsewhere cannot: %j', async (headers, why) => {
    expect(await send(undefined, { answer: 'approve' }, headers)).toMatchObject({ status: 403, body: includes(why) });
    expect(response.approval?.answers).toEqual([]);
  });

  it('without the link nobody can', async () => {
    expect(await send(undefined, { answer: 'approve', token: '' }, local)).toMatchObject({ status: 400 });
  });
});

describe('hostile text', () => {
  it('is never anything but text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '`', 'a', '\u202e') }),
        (one, two) => {
          const shown = markup`<a b="${one}">${[two, undefined, markup`<i>${one}</i>`]}</a>`.toString();
          expect(shown).toMatch(/^<a b="[^<>"'`]*">[^<>"'`]*<i>[^<>"'`]*<\/i><\/a>$/u);
          expect(shown).not.toContain('\u202e');
        },
      ),
    );
  });

  it('of a plan ends as text', async () => {
    const plan = {
      ...sampleStep.plan,
      target: { kind: '</style>', id: '"><form', label: '<img src=x onerror=alert(1)>' },
    };
    response = {
      ...response,
      title: '</title><script>',
      steps: [{ ...sampleStep, plan: { ...sampleStep.plan, ...plan } as typeof sampleStep.plan }],
    };
    const { body } = await show(ANN);
    expect(body).not.toMatch(/<img|<script|<\/style>[^]*<\/style>|"><form/);
  });
});

it('differences have what goes and what comes, whatever its place', () => {
  const before = { a: 1, list: ['x', 'y'], deep: { same: true, gone: null }, empty: [] };
  const after = { a: 2, list: ['z', 'x', 'y'], deep: { same: true, come: {} }, empty: [], ['__proto__x']: 1 };
  expect(changeLines(before, after).lines.map(({ sign, text }) => `${sign} ${text}`)).toEqual([
    ...['- a: 1', '- deep.gone: null', '+ a: 2', '+ list[]: "z"', '+ deep.come: {}', '+ __proto__x: 1'],
  ]);
  expect(changeLines(null, 'x')).toEqual({ lines: [{ sign: '+', text: '"x"' }], more: 0 });
  const many = Array.from({ length: 100_000 }, (_, at) => `prefix-${at}`);
  expect(changeLines(many, []).more).toBe(99_801);
  expect(changeLines(Object.fromEntries(many.entries()), many).lines).toHaveLength(200);
});

it('differences of the same are none', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.jsonValue({ maxDepth: 5 }), (one, other) => {
      const parse = (value: unknown) => JSON.parse(JSON.stringify(value)) as Parameters<typeof changeLines>[0];
      expect(changeLines(parse(one), parse(one)).lines).toEqual([]);
      const there = changeLines(parse(one), parse(other)).lines.length;
      expect(changeLines(parse(other), parse(one)).lines).toHaveLength(there);
    }),
  );
});
