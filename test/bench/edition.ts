import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import type { HubMessage } from '../../platform/hubs.ts';
import type { KeptAlert } from '../../pipeline/timeline/alert.ts';
import { services } from '../../functions/services.ts';
import { SeededRandom } from '../../local/demo/random.ts';
import { RecordMaker } from '../../local/demo/records.ts';
import { STAFF } from '../../local/demo/tenant.ts';
import { startEdition, type Edition } from '../../local/edition.ts';

/** From the moment a record is handed to the hub's client to the moment somebody was told, at a steady rate; milliseconds. */
export interface AlertLatency {
  readonly eventsPerSecond: number;
  readonly alerts: number;
  readonly p50: number;
  readonly p99: number;
}

export interface EditionFigures {
  /** From the first send to the last event stored. */
  readonly storedEventsPerSecond: number;
  readonly events: number;
  readonly alertLatency: readonly AlertLatency[];
}

const BURST = 20_000;
const RATES = [250, 500, 1000];
const SECONDS = 12;
/** Sends a second; each holds one record that makes an alert of its own. */
const SENDS = 20;
const RECORDS_A_MESSAGE = 10;
const PEOPLE = 200;

/** Measures the local edition end to end: real clients, the emulators, the functions, one machine. */
export async function benchEdition(): Promise<EditionFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-bench-'));
  const told = new Map<string, number>();
  const notifier = {
    notify: async (alert: KeptAlert) => {
      for (const principal of alert.principals) {
        told.set(principal.slice(principal.lastIndexOf('/') + 1), performance.now());
      }
    },
  };
  const edition = await startEdition({ folder, clock: systemClock, log: () => undefined, notifier, anyPorts: true });
  try {
    const storedEventsPerSecond = await burst(edition);
    const alertLatency: AlertLatency[] = [];
    for (const rate of RATES) alertLatency.push(await steady(edition, told, rate));
    return { storedEventsPerSecond, events: BURST, alertLatency };
  } finally {
    await edition.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const random = new SeededRandom(7);
const make = new RecordMaker(random);
/** Each with one session, as in life: credentials are used for many calls. */
const person = (n: number) => {
  const who = { ...STAFF[0], upn: `person${n}@contoso.example`, ip: `203.0.113.${n % 250}` };
  return { ip: who.ip, session: make.awsSession(who, Date.now()) };
};
const people = Array.from({ length: PEOPLE }, (_, n) => person(n));

/** A few people and workloads do most of what is done: the n-th acts with a weight of 1/n. */
const someone = (): number => Math.floor(PEOPLE ** random.next()) - 1;

function everyday(): object {
  const { session, ip } = people[someone()] ?? person(0);
  const now = Date.now();
  const request = { instancesSet: { items: [{ instanceId: `i-${String(random.below(500)).padStart(17, '0')}` }] } };
  return make.awsCall(now, {
    service: 'ec2',
    name: 'DescribeInstances',
    identity: session,
    ip,
    readOnly: true,
    request,
  });
}

function alarming(attacker: string): object {
  const who = { ...STAFF[0], upn: `${attacker}@contoso.example` };
  const now = Date.now();
  return make.awsCall(now, {
    service: 'cloudtrail',
    name: 'StopLogging',
    identity: make.awsSession(who, now),
    ip: '198.51.100.23',
    request: { name: `trail-of-${attacker}` },
  });
}

/** Records as Azure and CloudTrail send them: several in a message. */
const inMessages = (records: readonly object[], size: number): HubMessage[] =>
  Array.from({ length: Math.ceil(records.length / size) }, (_, at) => ({
    body: new TextEncoder().encode(JSON.stringify({ Records: records.slice(at * size, (at + 1) * size) })),
  }));

async function burst(edition: Edition): Promise<number> {
  const { metrics } = await services();
  const messages = inMessages(Array.from({ length: BURST }, everyday), RECORDS_A_MESSAGE);
  const started = performance.now();
  const before = metrics.total('stored');
  for (let at = 0; at < messages.length; at += 50) await edition.hubs.send('cloudtrail', messages.slice(at, at + 50));
  while (metrics.total('stored') - before < BURST) await systemClock.wait(10);
  return Math.round(BURST / ((performance.now() - started) / 1000));
}

async function steady(
  edition: Edition,
  told: ReadonlyMap<string, number>,
  eventsPerSecond: number,
): Promise<AlertLatency> {
  const sent = new Map<string, number>();
  const sends: Promise<void>[] = [];
  const started = performance.now();
  for (let n = 0; n < SECONDS * SENDS; n++) {
    await systemClock.wait(Math.max(0, started + (n * 1000) / SENDS - performance.now()));
    const attacker = `attacker${eventsPerSecond}x${n}`;
    const records = Array.from({ length: eventsPerSecond / SENDS }, (_, at) =>
      at === 0 ? alarming(attacker) : everyday(),
    );
    sent.set(`${attacker}@contoso.example`, performance.now());
    sends.push(edition.hubs.send('cloudtrail', inMessages(records, RECORDS_A_MESSAGE)));
  }
  await Promise.all(sends);
  const answered = () => [...sent.keys()].every((upn) => told.has(upn));
  const deadline = performance.now() + 60_000;
  while (!answered() && performance.now() < deadline) await systemClock.wait(10);
  // One that was never told counts as infinitely late.
  const latencies = [...sent].map(([upn, from]) => (told.get(upn) ?? Infinity) - from).sort((a, b) => a - b);
  const percentile = (p: number) => Math.round(latencies[Math.floor((latencies.length - 1) * p)] ?? NaN);
  return { eventsPerSecond, alerts: latencies.length, p50: percentile(0.5), p99: percentile(0.99) };
}
