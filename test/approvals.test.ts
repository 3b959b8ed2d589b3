import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { provideServices, services } from '../functions/services.ts';
import { invoke } from '../local/host/invoke.ts';
import { startHttpTriggers } from '../local/host/http-triggers.ts';
import { captureFunctions, type FunctionApp, type Registration } from '../local/host/registrations.ts';
import { approvalKeyOf } from '../pipeline/response/approval/approval-key.ts';
import { approvalLink, claimsOf, requestToken } from '../pipeline/response/approval/request-token.ts';
import { SLACK_QUEUE } from '../pipeline/response/approval/slack-interaction.ts';
import type { Response } from '../pipeline/response/response.ts';
import { ManualClock } from '../platform/clock.ts';
import { AUDIENCE, FakeEntraLogin } from './fakes/entra-login.ts';
import { LoopbackServer } from './fakes/loopback-server.ts';
import { memoryPorts } from './memory-ports.ts';
import { Blocklist, sampleAction } from './response/sample-action.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const TENANT = '00000000-0000-4000-8000-0000000000aa';
const ANN = '00000000-0000-4000-8000-00000000000a';
const VARIABLES = {
  CROSSTRAIL_APPROVAL_KEY: 'invented-key-of-a-test-0123456789abcdef',
  SLACK_SIGNING_SECRET: 'invented-signing-secret',
};

let login: FakeEntraLogin;
let slack: LoopbackServer;
let folder: string;
let app: FunctionApp;
let host: Awaited<ReturnType<typeof startHttpTriggers>>;
let list: Blocklist;
let ports: ReturnType<typeof memoryPorts>;
const said: string[] = [];
const log = () => undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'approvals-'));
  login = await FakeEntraLogin.start(TENANT);
  slack = new LoopbackServer(async (incoming, answer) => {
    said.push((await Array.fromAsync(incoming)).join(''));
    answer.end('ok');
  });
  await slack.listen();
  const users = `{ U0000000ANN: { approver: ${ANN}, userPrincipalName: ann@contoso.example } }`;
  writeFileSync(
    join(folder, 'crosstrail.yaml'),
    `rules: { builtin: false }
feeds: { kev: { enabled: false }, epss: { enabled: false } }
azure: { endpoints: { login: "${login.url}" } }
response:
  approval:
    tenant: ${TENANT}
    audience: ${AUDIENCE}
    approvers: [${ANN}]
    slack: { team: T0123456789, signingSecretVariable: SLACK_SIGNING_SECRET, hooks: "${slack.url}", users: ${users} }
`,
  );
  Object.assign(process.env, VARIABLES, { CROSSTRAIL_CONFIG: join(folder, 'crosstrail.yaml') });
  app = await captureFunctions(async () => {
    await import('../functions/show-approval.ts');
    await import('../functions/answer-approval.ts');
    await import('../functions/receive-slack-interaction.ts');
    await import('../functions/answer-slack-approval.ts');
  });
  const served = app.functions.filter(({ bindings }) =>
    Object.values(bindings).some(({ type }) => type === 'httpTrigger'),
  );
  host = await startHttpTriggers(app, served, { port: 0, routePrefix: 'api', log });
});
afterAll(async () => {
  await Promise.all([host.stop(), login.close(), slack.close()]);
  provideServices({});
  for (const name of [...Object.keys(VARIABLES), 'CROSSTRAIL_CONFIG']) Reflect.deleteProperty(process.env, name);
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  list = new Blocklist();
  ports = memoryPorts();
  said.length = 0;
});

/** Services in memory, and a response that waits. */
async function waiting(localUser?: string): Promise<Response> {
  const actions = new Map([['sample-block', sampleAction(list)]]);
  const { storage, hubs } = ports;
  provideServices({ storage, hubs, clock: new ManualClock(NOW), log, actions, ...(localUser && { localUser }) });
  const response = await (
    await services()
  ).responses.propose({
    ...{ action: 'sample-block', parameters: { list: 'web', address: '198.51.100.23' }, mode: 'approve', reason: 'x' },
    requester: { id: 'entra:somebody-else', name: 'x', aliases: [], by: 'Entra token' },
  });
  expect(response.state).toBe('awaiting-approval');
  return response;
}

const signed = (response: Response): string =>
  requestToken(claimsOf(response) ?? expect.fail(), approvalKeyOf(process.env));
const linkOf = (response: Response): string =>
  approvalLink(`http://127.0.0.1:${host.port}/api`, claimsOf(response) ?? expect.fail(), approvalKeyOf(process.env));

/** Sends a request as a browser would, with any host. */
function send(url: string, headers: Readonly<Record<string, string>>, form?: Readonly<Record<string, string>>) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = request(url, { method: form === undefined ? 'GET' : 'POST', headers: { ...type, ...headers } });
    sent.on('error', reject).on('response', (answer) => {
      Array.fromAsync(answer).then(
        (chunks) => resolve({ status: answer.statusCode ?? 0, body: chunks.join('') }),
        reject,
      );
    });
    sent.end(form === undefined ? undefined : new URLSearchParams(form).toString());
  });
}

/** Presses a button of a page that was had from a link. */
async function press(url: string, body: string, headers: Readonly<Record<string, string>>, answer: string) {
  const action = /<form method="post" action="([^"]*)"/.exec(body)?.[1] ?? expect.fail('there is no form');
  const token = /name="token" value="([^"]*)"/.exec(body)?.[1] ?? '';
  return send(new URL(action, url).href, headers, { token, answer, reason: '' });
}

const work = async (id: string) => (await services()).responses.advance(id);

it('at one machine its user approves on the page, and it is done', async () => {
  const response = await waiting('ann');
  const url = linkOf(response);
  const page = await send(url, {});
  expect(page).toMatchObject({ status: 200, body: expect.stringContaining('Block 198.51.100.23/32 in web') as string });
  const here = { origin: `http://127.0.0.1:${host.port}` };
  expect(await press(url, page.body, { ...here, host: 'rebound.fabrikam.example' }, 'approve')).toMatchObject({
    status: 403,
  });
  expect(await press(url, page.body, { origin: 'https://fabrikam.example' }, 'approve')).toMatchObject({ status: 403 });
  expect(await press(url, page.body, here, 'decline')).toMatchObject({ status: 400 });
  expect(await press(url, page.body, here, 'approve')).toMatchObject({ status: 200 });
  expect(await work(response.id)).toMatchObject({ state: 'active' });
  expect(list.writes).toHaveLength(1);
  // The browser sends the form again.
  expect(await press(url, page.body, here, 'approve')).toMatchObject({
    status: 200,
    body: expect.stringContaining('already') as string,
  });
  expect(list.writes).toHaveLength(1);
});

it('in a deployment it takes a token of Entra', async () => {
  const response = await waiting();
  const url = linkOf(response);
  expect(await send(url, {})).toMatchObject({
    status: 401,
    body: expect.stringContaining('/.auth/login/aad') as string,
  });
  expect(await send(url, { 'x-ms-client-principal-id': ANN })).toMatchObject({ status: 401 });
  const known = {
    'x-ms-token-aad-id-token': await login.token(ANN, NOW),
    host: 'contoso.example',
    origin: 'https://contoso.example',
  };
  const page = await send(url, known);
  expect(page.status).toBe(200);
  expect(await press(url, page.body, { ...known, origin: 'http://contoso.example' }, 'approve')).toMatchObject({
    status: 403,
  });
  expect(await press(url, page.body, known, 'approve')).toMatchObject({ status: 200 });
  expect(await work(response.id)).toMatchObject({
    state: 'active',
    approval: { answers: [{ by: { id: `entra:${TENANT}/${ANN}` } }] },
  });
});

it('in Slack it takes a press that Slack signed, once', async () => {
  const response = await waiting();
  const body = `payload=${encodeURIComponent(
    JSON.stringify({
      type: 'block_actions',
      user: { id: 'U0000000ANN', team_id: 'T0123456789' },
      response_url: `${slack.url}/actions/1`,
      actions: [{ action_id: 'crosstrail-approve', value: signed(response) }],
    }),
  )}`;
  const timestamp = String(NOW / 1000);
  const mac = createHmac('sha256', VARIABLES.SLACK_SIGNING_SECRET).update(`v0:${timestamp}:${body}`).digest('hex');
  const post = (signature: string) =>
    fetch(`http://127.0.0.1:${host.port}/api/slack/interactions`, {
      ...{ method: 'POST', body },
      headers: { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature },
    });
  expect((await post(`v0=${mac.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))}`)).status).toBe(401);
  expect((await post(`v0=${mac}`)).status).toBe(200);
  expect((await post(`v0=${mac}`)).status).toBe(409);
  const messages = ports.storage.queues.sent(SLACK_QUEUE);
  expect(messages).toHaveLength(1);
  const consumer = app.functions.find(({ name }): boolean => name === 'answer-slack-approval');
  const registration: Registration = consumer ?? expect.fail('there is no such function');
  await invoke(app, registration, { data: { string: messages[0] ?? '' } }, log);
  expect(said.map((text): unknown => JSON.parse(text))).toMatchObject([
    { text: 'ann@contoso.example approved: Block an address in a list' },
  ]);
  expect(await work(response.id)).toMatchObject({ state: 'active' });
});
