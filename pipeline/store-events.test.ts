import { describe, expect, it } from 'vitest';
import { delivery, memoryPorts } from '../test/memory-ports.ts';
import { FindingStore } from './enrichment/findings/finding-store.ts';
import { storeEvents } from './store-events.ts';
import { encodeEvent, type StoredEvent } from './timeline/codec.ts';
import { githubRepositoryKey } from './timeline/entity-keys.ts';
import { classification } from './timeline/ocsf/classification.ts';
import type { OcsfEvent } from './timeline/ocsf/types.ts';
import { timelineStore } from './timeline/store.ts';

const REPOSITORY = githubRepositoryKey('contoso/shop');
const TIME = Date.UTC(2026, 10, 20, 10);

/** An event about the same finding, later by so many milliseconds. */
const event = (later: number, activity: 1 | 2 | 3 = 1, finding_info: object = { uid: 'alert-7' }): StoredEvent => ({
  id: `github/${later}`,
  source: 'github',
  recordId: String(later),
  time: TIME + later,
  entities: [{ kind: 'resource', key: REPOSITORY, part: 'target' }],
  principal: REPOSITORY,
  ocsf: {
    ...classification(2002, activity),
    severity_id: 4,
    time: TIME + later,
    metadata: { version: '1.8.0', product: { name: 'Dependabot' } },
    finding_info,
    vulnerabilities: [{ cve: { uid: 'CVE-2026-11111' } }],
  } as OcsfEvent,
  signals: [],
});

function ports() {
  const memory = memoryPorts();
  const { tables } = memory;
  const all = { ...memory, timeline: timelineStore(tables), findings: new FindingStore(tables) };
  return { ...all, kept: () => Array.fromAsync(all.findings.list()) };
}

const batch = (...events: StoredEvent[]) => events.map((one, at) => delivery(encodeEvent(one), at, 'timeline'));

describe('storeEvents', () => {
  it('keeps a finding as its latest event says, whatever the order of the batches', async () => {
    const all = ports();
    await storeEvents(batch(event(2, 3)), all);
    await storeEvents(batch(event(0), event(1, 2)), all);
    expect(await all.kept()).toMatchObject([{ id: 'github/alert-7', status: 'fixed', time: TIME + 2 }]);
    expect(all.metrics.total('stored')).toBe(3);
    expect(all.metrics.total('findings')).toBe(1);
  });

  it('keeps it also where a process ended after it had stored the event', async () => {
    const all = ports();
    const failing = { ...all, findings: { keep: () => Promise.reject(new Error('ended')) } };
    await expect(storeEvents(batch(event(0)), failing)).rejects.toThrow('ended');
    expect(await all.kept()).toEqual([]);
    await storeEvents(batch(event(0)), all);
    expect(await all.kept()).toMatchObject([{ status: 'open', cves: ['CVE-2026-11111'] }]);
  });

  it('stores what is no finding, and what only claims to be one', async () => {
    const all = ports();
    await storeEvents(batch(event(0, 1, { uid: { no: 'text' } })), all);
    expect(await all.kept()).toEqual([]);
    expect(all.metrics.total('stored')).toBe(1);
  });
});
