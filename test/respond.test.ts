import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { provideServices, services, type Services } from '../functions/services.ts';
import { SECURITY_GROUP, startDemoClouds, type DemoClouds } from '../local/demo/clouds.ts';
import { demoStory, type DemoRecord } from '../local/demo/story.ts';
import { ATTACKER, TENANT, VICTIM } from '../local/demo/tenant.ts';
import { startHttpTriggers } from '../local/host/http-triggers.ts';
import { invoke, json } from '../local/host/invoke.ts';
import { captureFunctions, type FunctionApp, type TypedData } from '../local/host/registrations.ts';
import { INCIDENT_QUEUE } from '../pipeline/response/decide-responses.ts';
import { approvalKeyIn } from '../pipeline/response/approval/approval-key.ts';
import { approvalLink, claimsOf } from '../pipeline/response/approval/request-token.ts';
import { RESPONDER, ruleWritten } from '../pipeline/response/own-actions/own-action-samples.ts';
import { RESPONSE_QUEUE } from '../pipeline/response/ports.ts';
import { CLAIM } from '../pipeline/response/response-store.ts';
import type { Response } from '../pipeline/response/response.ts';
import { operationOf } from '../pipeline/timeline/action-of.ts';
import { entraUserKey, ipKey } from '../pipeline/timeline/entity-keys.ts';
import { ManualClock } from '../platform/clock.ts';
import { loadConfiguration } from '../platform/configuration.ts';
import { faultyStorage } from '../platform/storage/faults.ts';
import { memoryPorts } from './memory-ports.ts';
import { KilledError } from './unreliable-storage.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const SOMEBODY = '00000000-0000-4000-8000-0000000000e7';

/** Time passes where a test says so, and for whoever waits until something is done; a wait that can be ended is a limit, which is not reached. */
class PassingClock extends ManualClock {
  override wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal !== undefined) return super.wait(milliseconds, signal);
    this.advance(Math.max(0, milliseconds));
    return Promise.resolve();
  }
}

/** Fires on what responses of the demo do, whoever does it. */
const RULE = `title: Rule of a network security group written
id: 00000000-0000-4000-8000-0000000000f1
logsource: { product: azure, service: activitylogs }
detection: { selection: { operationName|endswith: /SECURITYRULES/WRITE }, condition: selection }
level: high
`;

const story = demoStory(NOON);
const clock = new PassingClock(story[0]?.time ?? 0);
const { storage, hubs } = memoryPorts();
const asked: { readonly response: Response; readonly link: string }[] = [];
const taken = new Map<string, number>();
let folder: string;
let clouds: DemoClouds;
let app: FunctionApp;
let host: Awaited<ReturnType<typeof startHttpTriggers>>;
const log = () => undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'respond-'));
  clouds = await startDemoClouds(folder, clock);
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules/written.yml'), RULE);
  app = await captureFunctions(() => import('../functions/index.ts'));
  const pages = app.functions.filter(({ name }) => name.endsWith('-approval') && !name.includes('slack'));
  host = await startHttpTriggers(app, pages, { port: 0, routePrefix: 'api', log });
  await start();
});
afterAll(async () => {
  await Promise.all([host.stop(), clouds.close()]);
  provideServices({});
  rmSync(folder, { recursive: true, force: true });
});

/** A process begins, on what was kept. @param kept as this process sees it */
async function start(kept: Services['storage'] = storage): Promise<void> {
  const settings = parse(readFileSync(clouds.configuration, 'utf8')) as { response: object };
  const file = join(folder, 'respond.yaml');
  const response = { ...settings.response, identities: [RESPONDER] };
  writeFileSync(file, stringify({ ...settings, response, rules: { directories: [join(folder, 'rules')] } }));
  const approvalKey = approvalKeyIn(folder);
  provideServices({
    ...{ storage: kept, hubs, clock, log, approvalKey, localUser: 'ann' },
    configuration: await loadConfiguration(file),
    askPeople: async (response) => {
      const claims = claimsOf(response) ?? expect.fail('people are asked of nothing');
      asked.push({ response, link: approvalLink(`http://127.0.0.1:${host.port}/api`, claims, approvalKey) });
    },
  });
}

async function call(name: string, data: TypedData, metadata: Readonly<Record<string, TypedData>> = {}): Promise<void> {
  const registration = app.functions.find((one) => one.name === name);
  await invoke(app, registration ?? expect.fail(`there is no function ${name}`), { data, metadata }, log);
}

const tick = (name: string): Promise<void> => call(name, json({ IsPastDue: false }));

/** Gives bodies to a function as one batch of its hub. */
async function deliver(name: string, bodies: readonly Uint8Array[]): Promise<void> {
  if (bodies.length === 0) return;
  await call(
    name,
    { collectionBytes: { bytes: bodies } },
    {
      sequenceNumberArray: json(bodies.map((_, at) => at)),
      enqueuedTimeUtcArray: json(bodies.map(() => new Date(clock.now()).toISOString())),
      partitionContext: json({ partitionId: '0' }),
    },
  );
}

/** What was sent to a hub since this was last asked. */
const sentTo = (hub: string): Uint8Array[] =>
  (hubs.sent.get(hub)?.splice(0) ?? []).map(({ body }) => (typeof body === 'string' ? Buffer.from(body) : body));

/** Gives a function the messages of its queue; one that fails stays. */
async function drain(name: string, queue: string): Promise<boolean> {
  const messages = storage.queues.sent(queue).slice(taken.get(queue) ?? 0);
  for (const message of messages) {
    await call(name, { string: message });
    taken.set(queue, (taken.get(queue) ?? 0) + 1);
  }
  return messages.length > 0;
}

/** Brings what waits in hubs and queues to the functions, until nothing does. */
async function settle(): Promise<void> {
  for (let more = true; more;) {
    const events = sentTo('timeline');
    await deliver('store-events', events);
    await deliver('correlate', events);
    await deliver('join-observations', sentTo('correlation'));
    more = await drain('respond-to-incidents', INCIDENT_QUEUE);
    more = (await drain('work-on-responses', RESPONSE_QUEUE)) || more || (hubs.sent.get('timeline')?.length ?? 0) > 0;
  }
}

async function records(some: readonly Pick<DemoRecord, 'hub' | 'record'>[]): Promise<void> {
  for (const [hub, of] of Map.groupBy(some, (one) => one.hub))
    await deliver(
      `ingest-${hub}`,
      of.map(({ record }) => Buffer.from(JSON.stringify(record))),
    );
  await settle();
}

/** Lets time pass, with what timers do then. */
async function pass(milliseconds: number): Promise<void> {
  clock.advance(milliseconds);
  await tick('pass-time');
  await tick('sweep-responses');
  await settle();
}

/** What stands in the clouds, and how often each was changed. */
function inTheClouds() {
  const { azure, graph, aws, github } = clouds.services;
  const rules = Object.values(azure.rulesOf(SECURITY_GROUP));
  return {
    denied: rules.map(({ direction, access }) => `${access} ${direction}`).sort(),
    keys: aws.state.users.flatMap(({ keys }) => keys.map(({ status }) => status)),
    writes: [azure, graph, aws].map(({ writes }) => writes.length),
    issues: github.issues.size,
  };
}

/** Presses a button of the page that a link leads to, as a browser does. */
async function press(link: string, answer: 'approve' | 'decline'): Promise<number> {
  const page = await (await fetch(link)).text();
  const action = /<form method="post" action="([^"]*)"/.exec(page)?.[1] ?? expect.fail('the page has no form');
  const token = /name="token" value="([^"]*)"/.exec(page)?.[1] ?? expect.fail('the form has no token');
  const { status } = await fetch(new URL(action, link), {
    ...{ method: 'POST', headers: { origin: new URL(link).origin } },
    body: new URLSearchParams({ token, answer, reason: '' }),
  });
  return status;
}

/** What is detected, and the one response. */
async function told() {
  const { alerts, incidents, responses } = await services();
  const [raised, joined, made] = [
    await Array.fromAsync(alerts.list()),
    await Array.fromAsync(incidents.list({ limit: 100 })),
    await Array.fromAsync(responses.list({ limit: 100 })),
  ];
  expect(made).toHaveLength(1);
  return { alerts: raised.length, incidents: joined.length, response: made[0] ?? expect.fail() };
}

const stepsOf = ({ steps }: Response): string[] => steps.map(({ action, state }) => `${action} ${state}`);

/** What the timeline has of an entity from a source, in order. */
async function timelineOf(key: string, source: string): Promise<string[]> {
  const { events } = await (await services()).timeline.byEntity(key, { order: 'oldest', limit: 1000 });
  return events
    .filter((event) => event.source === source)
    .map(({ ocsf }) => `${operationOf(ocsf) ?? ''} ${ocsf.message ?? ''}`);
}

const NOTHING_DONE = { denied: [], keys: ['Active'], writes: [0, 0, 0], issues: 0 };
const ALL_DONE = { denied: ['Deny Inbound', 'Deny Outbound'], keys: ['Inactive'], writes: [2, 1, 1], issues: 1 };

it('asks people of the attack of the demo, anew where it grows, and does nothing before', async () => {
  for (let at = 0; at < story.length; at += 25) {
    const some = story.slice(at, at + 25);
    clock.advance(Math.max(0, (some.at(-1)?.time ?? 0) - clock.now()));
    await records(some);
  }
  await pass(3 * MINUTE);
  expect(asked.length).toBeGreaterThan(1);
  const { response } = await told();
  expect(response.approval?.number).toBe(asked.length);
  expect(stepsOf(response).sort()).toEqual([
    'aws-deactivate-access-key planned',
    'entra-revoke-sessions planned',
    'github-issue planned',
    'nsg-deny planned',
  ]);
  // Whoever opens what was asked first is shown that it is another by now.
  await expect(press(asked[0]?.link ?? '', 'approve')).rejects.toThrow('the page has no form');
  await settle();
  expect(inTheClouds()).toEqual(NOTHING_DONE);
});

it('does it once after a person approved on the page, though the process is killed between', async () => {
  const { link } = asked.at(-1) ?? expect.fail('nobody was asked');
  const before = await told();
  // From the first change in a cloud on nothing that this process begins has any effect, and it notes nothing of it.
  const killed = (): boolean => clouds.services.azure.writes.length > 0;
  await start(faultyStorage(storage, () => (killed() ? { when: 'before', error: new KilledError() } : undefined)));
  expect(await press(link, 'approve')).toBe(200);
  await expect(settle()).rejects.toThrow(KilledError);
  expect(inTheClouds().writes).toEqual([1, 0, 0]);
  await start();
  await settle();
  // The one that is dead may still be at it, as far as anybody knows.
  expect(inTheClouds().writes).toEqual([1, 0, 0]);
  await pass(CLAIM);
  expect(inTheClouds()).toEqual(ALL_DONE);
  expect(await press(link, 'approve').catch(() => 'no form')).toBe('no form');
  await settle();
  const { response, ...after } = await told();
  expect(response).toMatchObject({
    state: 'active',
    approval: { answers: [{ answer: 'approve', by: { id: 'local:ann' } }] },
  });
  expect(response.steps.every(({ state }) => state === 'verified')).toBe(true);
  expect(inTheClouds()).toEqual(ALL_DONE);
  expect(after).toEqual({ alerts: before.alerts, incidents: before.incidents });
});

it('shows what was done beside the attack, and detects only what others do', async () => {
  const victim = entraUserKey(TENANT, VICTIM.objectId);
  expect(await timelineOf(victim, 'entra')).not.toEqual([]);
  expect((await timelineOf(victim, 'crosstrail')).join('\n')).toMatch(/entra-revoke-sessions/);
  expect((await timelineOf(ipKey(ATTACKER.ip), 'crosstrail')).join('\n')).toMatch(/nsg-deny/);
  const before = await told();
  const written = (by: string) => ({
    hub: 'azure-activity' as const,
    record: ruleWritten(clock.now(), { by, group: SECURITY_GROUP.toLowerCase() }),
  });
  await records([written(RESPONDER)]);
  expect((await told()).alerts).toBe(before.alerts);
  await records([written(SOMEBODY)]);
  expect((await told()).alerts).toBe(before.alerts + 1);
});

it('takes back what has an end when its time is over, with evidence of all of it', async () => {
  await pass(11 * MINUTE);
  await pass(MINUTE);
  expect(inTheClouds()).toEqual({ denied: [], keys: ['Active'], writes: [4, 1, 2], issues: 1 });
  const { response } = await told();
  expect(response.state).toBe('ended');
  expect(stepsOf(response).sort()).toEqual([
    'aws-deactivate-access-key undone',
    'entra-revoke-sessions verified',
    'github-issue verified',
    'nsg-deny undone',
  ]);
  const { evidence } = (await services()).responses;
  expect(await evidence.verify()).toMatchObject({ problems: [] });
  const kinds = (await Array.fromAsync(evidence.entries())).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'change-made')).toHaveLength(5);
  expect(kinds.filter((kind) => kind === 'change-undone')).toHaveLength(3);
});
