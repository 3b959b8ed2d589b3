import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../platform/clock.ts';
import { Metrics } from '../../../platform/metrics.ts';
import { memoryStorage } from '../../../platform/storage/memory.ts';
import { blobCopies, sha256, type CopyStore } from '../copies/copy-store.ts';
import { FeedError } from '../feed-error.ts';
import type { Feed } from './feed.ts';
import { LiveCopies } from './live-copies.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 21, 9);

/** A feed of words, in which `bad` is not allowed. */
function words(id: string): Feed<readonly string[]> {
  return {
    id,
    title: id,
    maxAge: 60 * MINUTE,
    fetch: () => Promise.reject(new Error('nothing is fetched to look something up')),
    parse(body) {
      const all = Buffer.from(body).toString().split(' ');
      if (all.includes('bad')) throw new FeedError('it has a bad word');
      return all;
    },
    describe: (all) => ({ version: '1', rows: all.length }),
  };
}

const KEV = words('kev');
const INTEL = words('intel/contoso');

let clock: ManualClock;
let metrics: Metrics;
let store: CopyStore;
/** What the store does before it answers. */
let before: (method: string) => Promise<void>;
let asked: string[];
let logged: string[];
let live: LiveCopies;

beforeEach(() => {
  clock = new ManualClock(START);
  metrics = new Metrics();
  store = blobCopies(memoryStorage().blobs);
  before = () => Promise.resolve();
  asked = [];
  logged = [];
  const watched = new Proxy(store, {
    get: (target, method: keyof CopyStore) => async (id: string) => {
      asked.push(method);
      await before(method);
      return (target[method] as (id: string) => Promise<unknown>)(id);
    },
  });
  live = new LiveCopies({ store: watched, clock, metrics, log: (_level, message) => logged.push(message) }, [
    KEV,
    INTEL,
  ]);
});

async function keep({ id }: Feed<unknown>, text: string, fetched = clock.now()): Promise<void> {
  const body = Buffer.from(text);
  const manifest = { id, sha256: sha256(body), bytes: body.length, fetched, version: '1', rows: 1, source: 'a file' };
  await store.write(manifest, body);
}

/** The next look. */
async function look(): Promise<void> {
  clock.advance(5 * MINUTE);
  await live.refresh();
}

describe('live copies', () => {
  it('know nothing before they were loaded, and then what their copies say', async () => {
    await keep(KEV, 'one two');
    expect(live.value(KEV)).toBeUndefined();
    await live.start(1000);
    expect(live.value(KEV)).toEqual(['one', 'two']);
    expect(live.value(INTEL)).toBeUndefined();
    expect(live.value(words('other'))).toBeUndefined();
    expect(live.manifest(KEV)).toMatchObject({ id: 'kev', version: '1' });
  });

  it('follow their copies, and load nothing twice', async () => {
    await keep(KEV, 'one');
    await live.start(1000);
    const { version } = live;
    await look();
    expect(live.version).toBe(version);
    await keep(KEV, 'two');
    await keep(INTEL, 'three');
    await look();
    expect([live.value(KEV), live.value(INTEL)]).toEqual([['two'], ['three']]);
    expect(live.version).toBe(version + 2);
    expect(asked.filter((method) => method === 'read')).toHaveLength(3);
  });

  it('look again when it is time, also after a clock that was put back', async () => {
    await live.start(1000);
    const looks = (): number => asked.filter((method) => method === 'list').length;
    clock.advance(5 * MINUTE - 1);
    await live.refresh();
    expect(looks()).toBe(1);
    clock.advance(1);
    await Promise.all([live.refresh(), live.refresh()]);
    expect(looks()).toBe(2);
    clock.advance(-60 * MINUTE);
    await live.refresh();
    expect(looks()).toBe(3);
  });

  it('keep what was good where a copy cannot be used, and try that copy once', async () => {
    await keep(KEV, 'one');
    await live.start(1000);
    await keep(KEV, 'bad');
    await look();
    await look();
    expect(live.value(KEV)).toEqual(['one']);
    expect(logged).toEqual(['feeds: the copy of kev is not taken, what is in use stays: it has a bad word']);
    expect(metrics.total('feeds_loaded', { result: 'refused' })).toBe(1);
    await keep(KEV, 'good');
    await look();
    expect(live.value(KEV)).toEqual(['good']);
  });

  it('take a copy that was damaged once it is put right', async () => {
    await keep(KEV, 'one');
    const whole = { ...store };
    store.read = () => Promise.resolve(undefined);
    store.damage = () => Promise.resolve('kev.copy was changed');
    await live.start(1000);
    expect(live.value(KEV)).toBeUndefined();
    expect(logged[0]).toContain('kev.copy was changed');
    store.read = (id) => whole.read(id);
    clock.advance(1);
    await keep(KEV, 'one');
    await look();
    expect(live.value(KEV)).toEqual(['one']);
  });

  it('keep what was good while the store is away, and say so once', async () => {
    await keep(KEV, 'one');
    await live.start(1000);
    before = () => Promise.reject(new Error('storage is away'));
    await look();
    await look();
    expect(live.value(KEV)).toEqual(['one']);
    expect(logged).toEqual(['feeds: the copies cannot be read: storage is away; what is in use stays']);
    before = () => Promise.resolve();
    await keep(KEV, 'two');
    await look();
    expect(live.value(KEV)).toEqual(['two']);
  });

  it('keep what was good where its copy is gone', async () => {
    await keep(KEV, 'one');
    await live.start(1000);
    store.list = () => Promise.resolve([]);
    await look();
    expect(live.value(KEV)).toEqual(['one']);
  });

  it('do not hold up a start for longer than its budget, and come in when they are there', async () => {
    await keep(KEV, 'one');
    let answer = (): void => undefined;
    const away = new Promise<void>((resolve) => (answer = resolve));
    before = () => away;
    const started = live.start(1000);
    clock.advance(1000);
    await started;
    expect(live.value(KEV)).toBeUndefined();
    answer();
    await expect.poll(() => live.value(KEV)).toEqual(['one']);
  });

  it('give up a look that does not end, and take nothing of it when it ends after all', async () => {
    await keep(KEV, 'old');
    let answer = (): void => undefined;
    const away = new Promise<void>((resolve) => (answer = resolve));
    before = (method) => (method === 'read' ? away : Promise.resolve());
    const first = live.refresh();
    await expect.poll(() => asked.includes('read')).toBe(true);
    clock.advance(MINUTE);
    await first;
    expect(logged).toEqual(['feeds: the copies could not be read within 60 s; what is in use stays']);
    before = () => Promise.resolve();
    await keep(KEV, 'new');
    await look();
    expect(live.value(KEV)).toEqual(['new']);
    const { version } = live;
    answer();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect([live.value(KEV), live.version]).toEqual([['new'], version]);
  });
});

it('reads what takes long in pieces, between which others get their turn', async () => {
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  const seen: number[] = [];
  const long: Feed<string> = {
    ...{ id: 'kev', title: 'long', maxAge: MINUTE, fetch: () => Promise.reject(new Error('not fetched')) },
    parse: () => 'at once',
    *pieces() {
      for (let piece = 0; piece < 3; piece++) {
        const end = performance.now() + 15;
        while (performance.now() < end);
        seen.push(turns);
        yield;
      }
      return 'in pieces';
    },
    describe: () => ({ version: '1', rows: 1 }),
  };
  await keep(long, 'x');
  const copies = new LiveCopies({ store, clock, metrics, log: () => undefined }, [long]);
  await copies.refresh();
  clearInterval(others);
  expect(copies.value(long)).toBe('in pieces');
  expect(seen[2]).toBeGreaterThan(seen[0] ?? 0);
});

describe('the age of a live copy', () => {
  it('is since it was had, or last found to be what its publisher has', async () => {
    expect(live.age(KEV)).toBeUndefined();
    expect(live.isStale(KEV)).toBe(true);
    await keep(KEV, 'one', START - 50 * MINUTE);
    await live.start(1000);
    expect(live.age(KEV)).toBe(50 * MINUTE);
    expect(live.isStale(KEV)).toBe(false);
    await store.noteCheck('kev', { at: START - 5 * MINUTE, problem: 'it is empty', confirmed: START - 40 * MINUTE });
    await look();
    expect(live.age(KEV)).toBe(45 * MINUTE);
    clock.advance(20 * MINUTE);
    expect(live.isStale(KEV)).toBe(true);
  });
});
