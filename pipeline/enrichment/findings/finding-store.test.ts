import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../../platform/storage/memory.ts';
import { RowChangedError, type Tables } from '../../../platform/storage/ports.ts';
import type { Finding } from '../../timeline/finding.ts';
import type { FindingReader } from './finding-reader.ts';
import { finding, HOUR, NOW } from './finding-samples.ts';
import { FindingStore } from './finding-store.ts';
import { MemoryFindings } from './memory-findings.ts';

interface Kept extends FindingReader {
  keep(findings: readonly Finding[]): Promise<unknown>;
  all(): Promise<readonly Finding[]>;
}

function stored(tables: Tables = memoryStorage().tables): Kept {
  const store = new FindingStore(tables);
  return {
    keep: (findings) => store.keep(findings),
    ofAsset: (key) => store.ofAsset(key),
    all: () => Array.fromAsync(store.list()),
  };
}

function inMemory(): Kept {
  const memory = new MemoryFindings();
  return {
    keep: async (findings) => findings.forEach((one) => memory.keep(one)),
    ofAsset: (key) => memory.ofAsset(key),
    all: async () => [...memory.all()],
  };
}

const byId = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((one, other) => (one.id + one.asset < other.id + other.asset ? -1 : 1));

describe.each([
  ['in tables', stored],
  ['in memory', inMemory],
])('findings %s', (_name, make) => {
  it('are found by their asset, open ones only', async () => {
    const findings = make();
    const [open, fixed, elsewhere] = [
      finding(),
      finding({ id: 'defender/finding-2', status: 'fixed' }),
      finding({ id: 'defender/finding-3', asset: 'image:registry.contoso.example/shop:1.2', cvss: 9.8, fix: '3.0.2' }),
    ];
    await findings.keep([open, fixed, elsewhere]);
    expect(await findings.ofAsset(open.asset)).toEqual([open]);
    expect(await findings.ofAsset(elsewhere.asset)).toEqual([elsewhere]);
    expect(await findings.ofAsset('arm:/none')).toEqual([]);
    expect(byId(await findings.all())).toEqual([open, fixed, elsewhere]);
  });

  it('are closed where they were made and closed at the same time', async () => {
    const made = finding({ eventId: 'github/12/created', id: 'github/12' });
    const dismissed = finding({ eventId: 'github/12/auto_dismissed', id: 'github/12', status: 'suppressed' });
    for (const order of [
      [made, dismissed],
      [dismissed, made],
    ]) {
      const findings = make();
      for (const one of order) await findings.keep([one]);
      expect(await findings.all()).toEqual([dismissed]);
    }
  });

  it('keep what was known of them where the latest event is silent about it', async () => {
    const findings = make();
    const silent = { cves: [], title: 'Alert 12', severity: 'medium' } as const;
    const opened = finding({ id: 'github/12', subject: 'parser 1.2', cvss: 9.8, severity: 'critical' });
    const noted = finding({ ...silent, id: 'github/12', eventId: 'audit-1', time: NOW });
    const fixed = finding({ ...silent, id: 'github/12', eventId: 'audit-2', time: NOW + HOUR, status: 'fixed' });
    await findings.keep([noted]);
    expect(await findings.all()).toEqual([noted]);
    await findings.keep([fixed, opened]);
    expect(await findings.all()).toEqual([{ ...opened, status: 'fixed', time: NOW + HOUR, eventId: 'audit-2' }]);
  });

  it('stand as their latest events say, in whatever order and batches these come, and however often', async () => {
    const event = fc.record({
      id: fc.constantFrom('a/1', 'b/1'),
      asset: fc.constantFrom('arm:/one', 'arm:/two'),
      time: fc.integer({ min: NOW, max: NOW + 3 }),
      eventId: fc.constantFrom('x', 'y', 'z'),
      cves: fc.constantFrom<string[]>([], ['CVE-2026-11111']),
      severity: fc.constantFrom('low', 'high'),
      status: fc.constantFrom('open', 'fixed', 'suppressed'),
    });
    // One event says one thing.
    const events = fc.uniqueArray(event, {
      maxLength: 12,
      selector: ({ id, asset, time, eventId }) => [id, asset, time, eventId].join(),
    });
    await fc.assert(
      fc.asyncProperty(events, fc.array(fc.nat(11), { maxLength: 30 }), async (said, again) => {
        const all = said.map((one) => finding(one));
        const [inOrder, shuffled] = [make(), make()];
        await inOrder.keep(all);
        for (const at of again) await shuffled.keep(all.slice(at, at + 2));
        for (const one of all.toReversed()) await shuffled.keep([one]);
        const expected = new Map<string, Finding>();
        const isClosed = ({ status }: Finding): number => (status === 'open' ? 0 : 1);
        const byTime = (a: Finding, b: Finding): number =>
          a.time - b.time || isClosed(a) - isClosed(b) || (a.eventId < b.eventId ? -1 : 1);
        for (const one of all.toSorted(byTime)) {
          const { status, time, eventId } = one;
          const known = expected.get(`${one.asset} ${one.id}`);
          const isSilent = one.cves.length === 0 && known !== undefined && known.cves.length > 0;
          expected.set(`${one.asset} ${one.id}`, isSilent ? { ...known, status, time, eventId } : one);
        }
        expect(byId(await inOrder.all())).toEqual(byId([...expected.values()]));
        expect(byId(await shuffled.all())).toEqual(byId([...expected.values()]));
      }),
      { numRuns: 60 },
    );
  });
});

describe('FindingStore', () => {
  it('keeps many of one batch in few commits', async () => {
    const { tables } = memoryStorage();
    let commits = 0;
    const counting: Tables = {
      ...readers(tables),
      commit: (...call) => {
        commits++;
        return tables.commit(...call);
      },
    };
    const store = new FindingStore(counting);
    const many = Array.from({ length: 1000 }, (_, at) =>
      finding({ id: `trivy/${at}`, asset: `image:shop:${at % 50}` }),
    );
    expect(await store.keep(many)).toBe(1000);
    expect(commits).toBeLessThanOrEqual(32);
    expect(await store.keep(many)).toBe(0);
    expect(await store.ofAsset('image:shop:7')).toHaveLength(20);
    expect(await Array.fromAsync(store.list())).toHaveLength(1000);
  });

  it('takes the later of two that are written at once', async () => {
    const { tables } = memoryStorage();
    const [mine, other] = [new FindingStore(tables), new FindingStore(tables)];
    await mine.keep([finding()]);
    const fixed = finding({ status: 'fixed', time: NOW + HOUR, eventId: 'defender/event-2' });
    const between = finding({ severity: 'low', time: NOW, eventId: 'defender/event-3' });
    await Promise.all([mine.keep([between]), other.keep([fixed])]);
    expect(await Array.fromAsync(mine.list())).toEqual([fixed]);
  });

  it('gives up where it is never its turn, and throws what storage throws', async () => {
    const { tables } = memoryStorage();
    const refusing = (error: Error): Tables => ({ ...readers(tables), commit: () => Promise.reject(error) });
    await expect(new FindingStore(refusing(new RowChangedError('changed'))).keep([finding()])).rejects.toThrow(
      'written by too many instances at once',
    );
    await expect(new FindingStore(refusing(new Error('away'))).keep([finding()])).rejects.toThrow('away');
  });

  it('drops what was closed before a time, and nothing that is open', async () => {
    const store = new FindingStore(memoryStorage().tables);
    const old = NOW - 1000 * HOUR;
    await store.keep([
      finding({ id: 'a/old-open', time: old }),
      finding({ id: 'a/old-fixed', time: old, status: 'fixed' }),
      finding({ id: 'a/old-suppressed', time: old, status: 'suppressed' }),
      finding({ id: 'a/new-fixed', status: 'fixed' }),
    ]);
    expect(await store.dropClosedBefore(NOW - 24 * HOUR)).toBe(2);
    expect(byId(await Array.fromAsync(store.list())).map(({ id }) => id)).toEqual(['a/new-fixed', 'a/old-open']);
  });
});

const readers = (tables: Tables): Omit<Tables, 'commit'> => ({
  get: (...call) => tables.get(...call),
  query: (...call) => tables.query(...call),
  list: (...call) => tables.list(...call),
  drop: (...call) => tables.drop(...call),
});
