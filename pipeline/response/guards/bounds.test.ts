import { describe, expect, it } from 'vitest';
import { breaker } from './breaker.ts';
import { NOW, plan, question, sampleAction } from './guard-samples.ts';
import { irreversible } from './irreversible.ts';
import { maintenance } from './maintenance.ts';
import { rate } from './rate.ts';
import { share } from './share.ts';

const MINUTE = 60_000;
const ago = (...minutes: number[]): number[] => minutes.map((each) => NOW - each * MINUTE);

describe('what cannot be taken back', () => {
  it('is asked for', () => {
    const action = sampleAction({ reversibility: 'irreversible' });
    expect(irreversible.ask(question(plan(), '', { action }))?.says).toBe('ask');
  });

  it('is asked for where it is one change only', () => {
    const [change] = plan().changes;
    const changes = change === undefined ? [] : [change, { ...change, undo: undefined, summary: 'Delete the key' }];
    expect(irreversible.ask(question({ ...plan(), changes }))).toMatchObject({
      says: 'ask',
      reason: expect.stringContaining('Delete the key') as string,
    });
  });

  it('is not what can, nor a ticket', () => {
    expect(irreversible.ask(question(plan()))).toBeUndefined();
    const action = sampleAction({ reversibility: 'irreversible', group: 'tickets' });
    expect(irreversible.ask(question(plan(), '', { action }))).toBeUndefined();
  });
});

describe('the rate of an action', () => {
  const yaml = 'guards:\n  rate: { changes: 3, per: 1h }';
  const asked = (made: number[], more = {}) =>
    rate.ask(question(plan(), yaml, { recent: { made, failed: [] }, ...more }));

  it('is refused over, and says when it fits in again', () => {
    expect(asked(ago(61, 30, 20))).toBeUndefined();
    expect(asked(ago(59, 30, 20))).toMatchObject({
      says: 'refuse',
      reason: expect.stringMatching(
        /made 3 changes in the last 60 minutes.*after 2026-11-20T10:01:00\.000Z\.$/,
      ) as string,
    });
  });

  it('asks where a person wants it', () => {
    expect(asked(ago(59, 30, 20), { byPerson: true })?.says).toBe('ask');
  });

  it('is the action’s own where it has one, and no other object’s', () => {
    const own = (name: string) =>
      rate.ask(
        question(plan(), 'guards:\n  rate: { changes: 3, per: 1h }\n  rates: { nsg-deny: { changes: 0, per: 1h } }', {
          action: sampleAction({ name }),
        }),
      )?.says;
    expect(own('nsg-deny')).toBe('refuse');
    expect(own('constructor')).toBeUndefined();
  });

  it('does not count a plan that changes nothing', () => {
    expect(
      rate.ask(question({ ...plan(), changes: [] }, yaml, { recent: { made: ago(1, 2, 3), failed: [] } })),
    ).toBeUndefined();
  });
});

describe('the share of what there is', () => {
  it.each([
    [1, 3, 'ask'],
    [1, 4, undefined],
    [1, 1, 'ask'],
    [0, 0, 'ask'],
    [2, 100, undefined],
  ])('%s of %s: %s', (of, total, says) => {
    const asked = { ...plan(), share: { of, total, what: 'nodes of the cluster shop' } };
    expect(share.ask(question(asked))?.says).toBe(says);
  });

  it('is not asked of what does not know it', () => {
    expect(share.ask(question(plan(), 'guards:\n  share: 0'))).toBeUndefined();
  });
});

describe('maintenance', () => {
  const yaml = `guards:
  maintenance: [{ name: move of the shop, from: '2026-11-20T09:00:00Z', to: '2026-11-20T11:00:00Z' }]`;
  const at = (now: number, byPerson = false) => maintenance.ask(question(plan(), yaml, { now, byPerson }))?.says;

  it('asks in its window', () => {
    expect([at(NOW), at(NOW - 60 * MINUTE), at(NOW - 61 * MINUTE), at(NOW + 60 * MINUTE)]).toEqual([
      'ask',
      'ask',
      undefined,
      undefined,
    ]);
  });

  it('does not ask a person who asks', () => {
    expect(at(NOW, true)).toBe('pass');
  });
});

describe('an action that keeps failing', () => {
  const asked = (failed: number[], byPerson = false) =>
    breaker.ask(question(plan(), '', { recent: { made: [], failed }, byPerson }));

  it('is not tried until the span is over', () => {
    expect(asked(ago(61, 30, 20))).toBeUndefined();
    expect(asked(ago(59, 30, 20))).toMatchObject({
      says: 'refuse',
      reason: expect.stringMatching(
        /failed 3 times.*playbooks run nsg-deny.*after 2026-11-20T10:01:00\.000Z\.$/,
      ) as string,
    });
  });

  it('is tried where a person wants it', () => {
    expect(asked(ago(59, 30, 20), true)?.says).toBe('pass');
  });
});
