import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Event } from '../timeline/event.ts';
import { timelineStore } from '../timeline/store.ts';
import { MemoryUses, timelineUses } from './uses.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const ROLE = 'aws:arn:aws:iam::111122223333:role/web';
const BUCKET = 'aws:arn:aws:s3:::contoso-orders';

/** A call of the role, so many minutes after noon. */
function call(minutes: number, target: string, more: { actor?: string; failed?: boolean } = {}): Event {
  const { actor = ROLE, failed = false } = more;
  return {
    id: `cloudtrail/${minutes}`,
    source: 'cloudtrail',
    recordId: String(minutes),
    time: NOON + minutes * 60_000,
    principal: actor,
    entities: [
      { kind: 'role', key: actor, part: 'actor' },
      { kind: 'resource', key: target, part: 'target' },
    ],
    ocsf: {
      category_uid: 6,
      class_uid: 6003,
      activity_id: 2,
      type_uid: 600302,
      time: NOON + minutes * 60_000,
      severity_id: 1,
      status_id: failed ? 2 : 1,
      metadata: { version: '1.8.0', product: { name: 'CloudTrail' } },
      actor: { user: { uid: actor } },
      api: { operation: 'GetObject' },
      cloud: { provider: 'AWS' },
      osint: [],
      src_endpoint: { ip: '203.0.113.9' },
    },
  };
}

const EVENTS = [
  call(0, BUCKET),
  call(5, BUCKET),
  call(6, 'aws:arn:aws:s3:::contoso-other', { failed: true }),
  // The role as a target: others' doing is not its own.
  call(7, ROLE, { actor: 'aws:arn:aws:iam::111122223333:user/ann' }),
];
const LATEST = [{ target: BUCKET, operation: 'GetObject', time: NOON + 5 * 60_000 }];

describe('what an identity was seen to use', () => {
  it('is read from the timeline, the latest use of each', async () => {
    const timeline = timelineStore(memoryStorage().tables);
    await timeline.insert(EVENTS.map((event) => ({ ...event, signals: [] })));
    expect(await timelineUses(timeline).of(ROLE)).toEqual(LATEST);
    expect(await timelineUses(timeline).of('aws:arn:aws:iam::111122223333:role/none')).toEqual([]);
  });

  it('is the same of logs at hand, in whatever order', async () => {
    for (const events of [EVENTS, EVENTS.toReversed()]) {
      const uses = new MemoryUses();
      for (const event of events) uses.take(event);
      expect(await uses.of(ROLE)).toEqual(LATEST);
    }
  });
});
