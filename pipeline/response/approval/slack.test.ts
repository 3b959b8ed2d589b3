import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../platform/clock.ts';
import { approvalSection } from '../../../platform/configuration/response/approval.ts';
import { memoryStorage } from '../../../platform/storage/memory.ts';
import { LoopbackServer } from '../../../test/fakes/loopback-server.ts';
import type { Response } from '../response.ts';
import { ApprovalKey } from './approval-key.ts';
import { decide } from './decide.ts';
import { entraRules } from './entra-approver.ts';
import { claimsOf, requestToken } from './request-token.ts';
import { ANN, BEN, NOW, sampleRequest, sampleResponse, sampleStep, TENANT } from './response-samples.ts';
import { answerFromSlack, type SlackSaid } from './slack-answer.ts';
import { receiveSlackInteraction, SLACK_QUEUE } from './slack-interaction.ts';
import { slackApproval } from './slack-message.ts';
import { postToSlack } from './slack-post.ts';

const SECRET = 'invented-signing-secret';
const KEY = new ApprovalKey('invented-key-of-a-test-0123456789abcdef', 'test');
const SETTINGS = approvalSection.parse({
  ...{ tenant: TENANT, approvers: [ANN, BEN], quorum: 2 },
  slack: {
    ...{ team: 'T0123456789', signingSecretVariable: 'SLACK_SIGNING_SECRET' },
    users: { U0000000ANN: { approver: ANN, userPrincipalName: 'Ann@contoso.example' } },
  },
});
const HOOK = 'https://hooks.slack.com/actions/T0123456789/1/x';

let clock: ManualClock;
let storage: ReturnType<typeof memoryStorage>;
let response: Response;
let said: { hook: string; message: SlackSaid }[];
beforeEach(() => {
  clock = new ManualClock(NOW);
  storage = memoryStorage();
  response = sampleResponse({ approval: { ...sampleRequest, quorum: 2 } });
  said = [];
});

const token = (): string => requestToken(claimsOf(response) ?? expect.fail(), KEY);
const payload = (more: object = {}, action = 'approve', reason: string | null = null) => ({
  type: 'block_actions',
  user: { id: 'U0000000ANN', username: 'ben', name: 'ben', team_id: 'T0123456789' },
  team: { id: 'T0123456789', domain: 'contoso' },
  api_app_id: 'A0123456789',
  response_url: HOOK,
  actions: [{ type: 'button', block_id: 'b', action_id: `crosstrail-${action}`, value: token(), action_ts: '1' }],
  state: { values: { 'crosstrail-reason': { 'crosstrail-reason': { type: 'plain_text_input', value: reason } } } },
  ...more,
});
function callOf(content: object | string, at = NOW, secret = SECRET) {
  const text = typeof content === 'string' ? content : `payload=${encodeURIComponent(JSON.stringify(content))}`;
  const timestamp = String(Math.floor(at / 1000));
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${text}`).digest('hex')}`;
  return { body: new TextEncoder().encode(text), timestamp, signature };
}
const receive = (call: Parameters<typeof receiveSlackInteraction>[0], settings = SETTINGS) =>
  receiveSlackInteraction(call, {
    ...{ settings, clock, tables: storage.tables, queues: storage.queues },
    secret: (name) => (name === 'SLACK_SIGNING_SECRET' ? SECRET : undefined),
  });
const queued = () => storage.queues.sent(SLACK_QUEUE);
async function answerLast(settings = SETTINGS): Promise<string | undefined> {
  return answerFromSlack(queued().at(-1) ?? expect.fail('nothing was queued'), {
    ...{ settings, clock, key: () => KEY },
    responses: {
      get: (id) => Promise.resolve(id === response.id ? response : undefined),
      answer: (_id, given) => {
        const verdict = decide(response, given, entraRules(settings), clock.now());
        response = { ...response, approval: verdict.approval };
        if (verdict.decision !== undefined) response = { ...response, steps: [{ ...sampleStep, state: 'dropped' }] };
        return Promise.resolve({ ...verdict, response });
      },
    },
    say: (hook, message) => Promise.resolve(void said.push({ hook, message })),
  });
}

describe('a press of a button', () => {
  it('is queued, and counts as an answer of whom the configuration names', async () => {
    expect(await receive(callOf(payload()))).toEqual({ status: 200, message: '' });
    expect(await answerLast()).toBeUndefined();
    expect(response.approval?.answers).toMatchObject([
      { by: { id: `entra:${TENANT}/${ANN}`, name: 'ann@contoso.example', by: 'Slack signature' }, answer: 'approve' },
    ]);
    const text = 'ann@contoso.example approved: Contain the address; more people must approve';
    expect(said).toEqual([{ hook: HOOK, message: { response_type: 'in_channel', replace_original: false, text } }]);
    // The queue delivers once more.
    await answerLast();
    expect(said[1]?.message).toMatchObject({ response_type: 'ephemeral', text: 'You approved this already.' });
  });

  it('that declines needs a reason', async () => {
    await receive(callOf(payload({}, 'decline')));
    await answerLast();
    expect(said[0]?.message.text).toContain('Say why');
    await receive(callOf(payload({}, 'decline', 'our <scanner> & more'), NOW + 1000));
    await answerLast();
    expect(said[1]?.message.text).toBe(
      'ann@contoso.example declined (our &lt;scanner&gt; &amp; more): Contain the address',
    );
    expect(response.approval?.answers).toMatchObject([{ answer: 'decline', reason: 'our <scanner> & more' }]);
  });

  it.each([
    ['somebody who is not named', { user: { id: 'U0000000BEN', team_id: 'T0123456789' } }, 'You (U0000000BEN) may not'],
    ['a token that was changed', { actions: [{ action_id: 'crosstrail-approve', value: 'x' }] }, 'not whole'],
  ])('of %s is told so', async (_name, more, text) => {
    expect(await receive(callOf(payload(more)))).toMatchObject({ status: 200 });
    await answerLast();
    expect(said).toMatchObject([
      { message: { response_type: 'ephemeral', text: expect.stringContaining(text) as string } },
    ]);
    expect(response.approval?.answers).toEqual([]);
  });

  it('too late is told so', async () => {
    await receive(callOf(payload()));
    clock.advance(3_600_000);
    await answerLast();
    expect(said[0]?.message.text).toContain('expired');
    expect(response.approval?.answers).toEqual([]);
  });

  it('of a link or a field is passed over', async () => {
    for (const actions of [[{ action_id: 'crosstrail-open' }], [{ action_id: 'crosstrail-reason', value: 'x' }], []]) {
      expect(await receive(callOf(payload({ actions })))).toEqual({ status: 200, message: '' });
    }
    expect(await receive(callOf(payload({ type: 'view_submission' })))).toMatchObject({ status: 200 });
    expect(queued()).toEqual([]);
  });

  it('has nothing posted to another host', async () => {
    for (const hook of ['https://hooks.slack.com.fabrikam.example/x', 'http://169.254.169.254/', '']) {
      await receive(callOf(payload({ response_url: hook })));
      expect(await answerLast()).toContain('another address');
    }
    expect(said).toEqual([]);
  });
});

describe('a request is refused', () => {
  const good = () => callOf(payload());
  it.each<[string, () => Parameters<typeof receive>[0], number, string]>([
    ['without a signature', () => ({ ...good(), signature: undefined }), 401, 'not signed'],
    ['without a time', () => ({ ...good(), timestamp: undefined }), 401, 'not signed'],
    ['with another time', () => ({ ...good(), timestamp: String(NOW / 1000 - 1) }), 401, 'X-Slack-Signature'],
    ['with another body', () => ({ ...good(), body: callOf(payload({ x: 1 })).body }), 401, 'X-Slack-Signature'],
    ['with another secret', () => callOf(payload(), NOW, 'other'), 401, 'X-Slack-Signature'],
    [
      'with a shorter signature',
      () => ({ ...good(), signature: good().signature.slice(0, -1) }),
      401,
      'X-Slack-Signature',
    ],
    ['that is old', () => callOf(payload(), NOW - 301_000), 401, 'five minutes'],
    ['of the future', () => callOf(payload(), NOW + 301_000), 401, 'five minutes'],
    ['that is no interaction', () => callOf('payload=%7B'), 400, 'no interaction'],
    ['of odd types', () => callOf(payload({ user: [] })), 400, 'no interaction'],
    [
      'whose user is odd',
      () => callOf(payload({ user: { id: '__proto__', team_id: 'T0123456789' } })),
      400,
      'none of Crosstrail',
    ],
    [
      'of another workspace',
      () => callOf(payload({ user: { id: 'U0000000ANN', team_id: 'T0FABRIKAM0' } })),
      403,
      'workspace',
    ],
    ['that is too long', () => callOf('x'.repeat(300_000)), 413, 'bytes'],
  ])('%s', async (_name, call, status, why) => {
    expect(await receive(call())).toEqual({ status, message: expect.stringContaining(why) as string });
    expect(queued()).toEqual([]);
  });

  it('that was taken in before', async () => {
    const call = good();
    expect(await receive(call)).toMatchObject({ status: 200 });
    clock.advance(60_000);
    expect(await receive(call)).toMatchObject({ status: 409 });
    expect(queued()).toHaveLength(1);
    clock.advance(3_600_000);
    await receive(callOf(payload(), clock.now()));
    const { rows } = await storage.tables.query('slackrequests', 'seen', { limit: 10 });
    expect(rows).toHaveLength(1);
  });

  it('where nothing is configured', async () => {
    expect(await receive(good(), approvalSection.parse({}))).toMatchObject({
      status: 403,
      message: expect.stringContaining('response.approval.slack') as string,
    });
    const other = { ...SETTINGS, slack: SETTINGS.slack && { ...SETTINGS.slack, signingSecretVariable: 'OTHER' } };
    expect(await receive(good(), other)).toMatchObject({
      status: 403,
      message: expect.stringContaining('OTHER') as string,
    });
  });
});

describe('the message', () => {
  it('has what is asked in plain text, and buttons that are taken in', async () => {
    response = { ...response, title: '<!channel> *now*' };
    const blocks = slackApproval(response, { token: token(), link: 'https://contoso.example/x', now: NOW });
    const texts = JSON.stringify(blocks);
    for (const text of [
      'Deny 198.51.100.23 inbound',
      '0 of 2 approved; ends in 1 h',
      'All 3 machines',
      'Stays with an attacker: Connections',
    ]) {
      expect(texts).toContain(text);
    }
    expect(texts).not.toContain('mrkdwn');
    const actions = /"action_id":"crosstrail-approve".*?"value":"([^"]*)"/.exec(texts);
    expect(actions?.[1]).toBe(token());
    await receive(callOf(payload({ actions: [{ action_id: 'crosstrail-approve', value: actions?.[1] }] })));
    await answerLast();
    expect(response.approval?.answers).toHaveLength(1);
  });

  it('stays within the limits of Slack', () => {
    const long = {
      ...sampleStep,
      plan: sampleStep.plan && { ...sampleStep.plan, affects: Array.from({ length: 100 }, () => 'x'.repeat(900)) },
    };
    const blocks = slackApproval(
      { ...response, steps: Array.from({ length: 60 }, () => long) },
      { token: token(), link: 'https://contoso.example/x', now: NOW },
    );
    expect(blocks.length).toBeLessThan(50);
    for (const block of blocks) expect(JSON.stringify(block).length).toBeLessThan(3200);
    expect(token().length).toBeLessThan(2000);
  });
});

describe('posting', () => {
  let server: LoopbackServer;
  afterEach(() => server.close());
  it('says what Slack answers where that is no success, and never the address', async () => {
    let [status, said, headers]: [number, string, Record<string, string>] = [200, 'ok', {}];
    server = new LoopbackServer((_request, answer) => void answer.writeHead(status, headers).end(said));
    await server.listen();
    const hook = `${server.url}/services/hidden`;
    const post = () => postToSlack(hook, { text: 'x' });
    const failure = (): Promise<unknown> => post().catch((error: unknown) => error);
    await post();
    [status, said] = [404, 'no_service\n'];
    expect(await failure()).toMatchObject({ message: 'Slack answered with status 404: no_service', status: 404 });
    [status, said, headers] = [429, '<html>/services/hidden', { 'retry-after': '30' }];
    expect(await failure()).toMatchObject({ message: 'Slack answered with status 429', retryAfter: 30_000 });
    [status, headers] = [302, { location: `${server.url}/elsewhere` }];
    expect(await failure()).toMatchObject({ message: 'Slack did not answer: TypeError' });
  });
});
