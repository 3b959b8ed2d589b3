import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import type { KeptAlert } from '../../pipeline/incidents/alert-store.ts';
import { services } from '../../functions/services.ts';
import { SeededRandom } from '../../local/demo/random.ts';
import { RecordMaker } from '../../local/demo/records.ts';
import { STAFF } from '../../local/demo/tenant.ts';
import { startEdition, type Edition } from '../../local/edition.ts';

export interface EditionFigures {
  /** From the first send to the last event stored. */
  readonly storedEventsPerSecond: number;
  readonly events: number;
  /** From the moment a record was handed to the hub's client to the moment somebody was told, at a steady rate. */
  readonly alertLatency: {
    readonly eventsPerSecond: number;
    readonly alerts: number;
    readonly p50: number;
    readonly p99: number;
  };
}

const BURST = 20_000;
const RATE = 1000;
const SECONDS = 20;
/** One record in this many makes an alert of its own. */
const ALERT_EVERY = 50;
const PEOPLE = 200;

/** Measures the local edition end to end: real clients, the emulators, the functions, one machine. */
export async function benchEdition(): Promise<EditionFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-bench-'));
  const told = new Map<string, number>();
  const notifier = {
    notify: async (alert: KeptAlert) => {
      for (const principal of alert.principals) told.set(principal, performance.now());
    },
  };
  const edition = await startEdition({ folder, clock: systemClock, log: () => undefined, notifier, anyPorts: true });
  try {
    const storedEventsPerSecond = await burst(edition);
    const alertLatency = await steady(edition, told);
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

function everyday(): object {
  const { session, ip } = people[random.below(PEOPLE)] ?? person(0);
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

function alarming(n: number): object {
  const who = { ...STAFF[0], upn: `attacker${n}@contoso.example` };
  const now = Date.now();
  return make.awsCall(now, {
    service: 'cloudtrail',
    name: 'StopLogging',
    identity: make.awsSession(who, now),
    ip: '198.51.100.23',
    request: { name: `trail-${n}` },
  });
}

const message = (records: readonly object[]) => ({
  body: new TextEncoder().encode(JSON.stringify({ Records: records })),
});

async function burst(edition: Edition): Promise<number> {
  const { metrics } = await services();
  const messages = Array.from({ length: BURST / 50 }, () => message(Array.from({ length: 50 }, everyday)));
  const started = performance.now();
  const before = metrics.total('stored');
  for (let at = 0; at < messages.length; at += 10) await edition.hubs.send('cloudtrail', messages.slice(at, at + 10));
  while (metrics.total('stored') - before < BURST) await systemClock.wait(10);
  return Math.round(BURST / ((performance.now() - started) / 1000));
}

async function steady(edition: Edition, told: ReadonlyMap<string, number>): Promise<EditionFigures['alertLatency']> {
  const sent = new Map<string, number>();
  const sends: Promise<void>[] = [];
  const started = performance.now();
  const pieces = SECONDS * 20;
  const size = RATE / 20;
  for (let piece = 0; piece < pieces; piece++) {
    const due = started + piece * 50;
    await systemClock.wait(Math.max(0, due - performance.now()));
    const records = Array.from({ length: size }, (_, at) => (at % ALERT_EVERY === 0 ? alarming(piece) : everyday()));
    sent.set(`attacker${piece}@contoso.example`, performance.now());
    sends.push(
      edition.hubs.send(
        'cloudtrail',
        records.map((record) => message([record])),
      ),
    );
  }
  await Promise.all(sends);
  const deadline = performance.now() + 60_000;
  while (told.size < sent.size && performance.now() < deadline) await systemClock.wait(10);
  const latencies: number[] = [];
  for (const [principal, at] of told) {
    const upn = principal.slice(principal.lastIndexOf('/') + 1);
    const from = sent.get(upn);
    if (from !== undefined) latencies.push(at - from);
  }
  latencies.sort((a, b) => a - b);
  const percentile = (p: number) =>
    Math.round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * p))] ?? NaN);
  return { eventsPerSecond: RATE, alerts: latencies.length, p50: percentile(0.5), p99: percentile(0.99) };
}
