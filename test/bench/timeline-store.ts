/**
 * How fast the timeline store takes events on Azurite: `node test/bench/timeline-store.ts`.
 * 50 principals, five entities an event (one of them in all events), batches of 100, events of about 1.3 KB as JSON.
 */
import { azureStorage } from '../../platform/storage/azure.ts';
import { timelineStore, type StoredEvent } from '../../pipeline/timeline/store.ts';
import { startAzurite } from '../azurite.ts';

const BATCH = 100;
const START = Date.UTC(2026, 10, 3, 12);
const ACCOUNT = 'aws-account:111122223333';

/** A small generator of numbers, always the same: xorshift. */
let state = 1;
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

function eventOf(n: number): StoredEvent {
  const user = random(50);
  const principal = `aws:arn:aws:iam::111122223333:user/user-${user}`;
  const parameters = Array.from({ length: 16 }, (_, index) => `parameter${index}: invented value ${random(1e9)}`);
  const ocsf: unknown = {
    class_uid: 6003,
    time: START + n,
    actor: { user: { uid: principal } },
    unmapped: { parameters },
  };
  return {
    id: `cloudtrail/${n}`,
    source: 'cloudtrail',
    recordId: String(n),
    time: START + n,
    ocsf: ocsf as StoredEvent['ocsf'],
    principal,
    entities: [
      { kind: 'user', key: principal, part: 'actor' },
      { kind: 'ip', key: `ip:203.0.113.${random(250)}`, part: 'origin' },
      { kind: 'account', key: ACCOUNT, part: 'target' },
      { kind: 'access-key', key: `aws-key:AKIA${user}`, part: 'credential' },
      { kind: 'resource', key: `aws:arn:aws:s3:::bucket-${random(500)}`, part: 'target' },
    ],
    signals: [],
  };
}

const batches = (from: number, count: number): StoredEvent[][] =>
  Array.from({ length: count }, (_, batch) =>
    Array.from({ length: BATCH }, (_event, n) => eventOf(from + batch * BATCH + n)),
  );

async function timed(what: string, events: number, work: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(
    `${what.padEnd(44)}${Math.round(events / seconds)
      .toLocaleString('en')
      .padStart(8)} a second\n`,
  );
}

const azurite = await startAzurite();
const { tables } = azureStorage({ connectionString: azurite.connectionString });
const store = timelineStore(tables);
for (const batch of batches(0, 10)) await store.insert(batch);

const first = batches(1000, 50);
await timed('events inserted, one batch after the other', 5000, async () => {
  for (const batch of first) await store.insert(batch);
});
const second = batches(6000, 100);
await timed('events inserted, four batches at once', 10_000, async () => {
  const queue = second.values();
  const worker = async () => {
    for (const batch of queue) await store.insert(batch);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
});
await timed('events delivered again', 2000, async () => {
  for (const batch of first.slice(0, 20)) await store.insert(batch);
});
for (const order of ['newest', 'oldest'] as const) {
  await timed(`pages of 50, ${order} first, of a busy entity`, 5, async () => {
    for (let n = 0; n < 5; n++) await store.byEntity(ACCOUNT, { order, limit: 50 });
  });
}
await azurite.stop();
