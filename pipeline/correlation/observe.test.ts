import { describe, expect, it } from 'vitest';
import { awsRecord } from '../../test/memory-ports.ts';
import { readBody } from '../read-body.ts';
import type { StoredEvent } from '../timeline/codec.ts';
import { observation, signal } from './observation-samples.ts';
import { isTelling, observationOf, Observer } from './observe.ts';

/** The event of a record of CloudTrail, on which no rule fired. */
function eventOf(id: number, more: object = {}, found: Partial<StoredEvent> = {}): StoredEvent {
  const body = new TextEncoder().encode(JSON.stringify(awsRecord(id, more)));
  const { accepted } = readBody(body, { match: () => [] });
  const [event] = accepted.map((one) => one.event);
  if (event === undefined) throw new Error('the record cannot be read');
  return { ...event, ...found };
}

const MATCH = { rule: 'r', values: { ip: ['203.0.113.10'] } };
const WEAKENED = { condition: 'logging-off', resource: 'aws:trail', weakened: true, what: 'stops the trail' } as const;
const SUPPRESSED = { ...signal('quiet'), suppressed: { exception: 'nightly' } };

/** Somebody signs in to the console. */
const SIGN_IN = {
  eventName: 'ConsoleLogin',
  eventSource: 'signin.amazonaws.com',
  eventType: 'AwsConsoleSignIn',
  eventCategory: 'Management',
  responseElements: { ConsoleLogin: 'Success' },
};

describe('observationOf', () => {
  it('has of an event what joining needs, and nothing that an exception suppresses', () => {
    const event = eventOf(1, {}, { signals: [signal('r'), SUPPRESSED], matches: [MATCH], posture: [WEAKENED] });
    const { id, source, recordId, time, principal, entities } = event;
    expect(observationOf(event)).toMatchObject({
      ...{ id, source, recordId, time, principal, entities },
      action: { operation: 'ListBuckets', outcome: 'success', account: '111122223333', from: { ip: '203.0.113.10' } },
      signals: [signal('r')],
      matches: [MATCH],
      posture: [WEAKENED],
    });
    expect(observationOf(event)).not.toHaveProperty('entry');
    expect(observationOf(event)).not.toHaveProperty('operation');
    expect(observationOf({ ...event, operation: 'rows' }).operation).toBe('rows');
  });

  it('says which events tell how somebody came in: those of success alone', () => {
    expect(observationOf(eventOf(1, SIGN_IN)).entry).toBe(true);
    expect(
      observationOf(eventOf(1, { ...SIGN_IN, responseElements: { ConsoleLogin: 'Failure' } })).entry,
    ).toBeUndefined();
    expect(observationOf(eventOf(1)).entry).toBeUndefined();
  });
});

describe('isTelling', () => {
  it.each([
    ['signals', { signals: [signal('r')] }, true],
    ['matches', { matches: [MATCH] }, true],
    ['changes of posture', { posture: [WEAKENED] }, true],
    ['a way in', { entry: true }, true],
    ['links alone', {}, false],
  ] as const)('of %s', (_name, more, telling) => {
    expect(isTelling(observation('1', 0, more))).toBe(telling);
  });
});

describe('Observer', () => {
  const ids = (observer: Observer, ...events: StoredEvent[]) =>
    observer.observe(events).map(({ recordId }) => recordId);

  it('passes over events that say nothing new, once their links arrived', () => {
    const observer = new Observer();
    const [first, second] = [eventOf(1), eventOf(2)];
    const sent = observer.observe([first]);
    expect(sent.flatMap(({ links }) => links.map(({ kind }) => kind))).toEqual(['used-credential', 'immutable-id']);
    expect(ids(observer, first, second)).toEqual([first.recordId, second.recordId]);
    observer.sent(sent);
    expect(ids(observer, first, second)).toEqual([]);
    const userIdentity = { type: 'IAMUser', principalId: 'AIDAEXAMPLE000000009', accountId: '111122223333' };
    const other = eventOf(3, { userIdentity: { ...userIdentity, accessKeyId: 'AKIAEXAMPLE000000009' } });
    expect(ids(observer, first, other)).toEqual([other.recordId]);
  });

  it('gives what is telling each time, and nothing for what is suppressed', () => {
    const observer = new Observer();
    observer.sent(observer.observe([eventOf(1)]));
    const telling = [
      eventOf(2, {}, { signals: [signal('r')] }),
      eventOf(3, {}, { matches: [MATCH] }),
      eventOf(4, {}, { posture: [WEAKENED] }),
      eventOf(5, SIGN_IN),
    ];
    for (const event of telling) {
      observer.sent(observer.observe([event]));
      expect(ids(observer, event)).toEqual([event.recordId]);
    }
    expect(ids(observer, eventOf(6, {}, { signals: [SUPPRESSED] }))).toEqual([]);
  });
});
