import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

const KNOWN = ['eventName', 'eventSource', 'userIdentity.userName', 'userIdentity.arn', 'errorCode'];

describe('the nearest name', () => {
  it.each([
    ['event_name', 'eventName'],
    ['EventSorce', 'eventSource'],
    ['userIdentity.username', 'userIdentity.userName'],
    ['user.userName', 'userIdentity.userName'],
    ['errorcodes', 'errorCode'],
  ])('of %s is %s', (name, nearest) => {
    expect(nearestName(name, KNOWN)).toBe(nearest);
  });

  it.each(['', 'x', 'somethingElse', 'processCommandLine', 'e'.repeat(10_000)])('of %j is none', (name) => {
    expect(nearestName(name, KNOWN)).toBeUndefined();
  });

  it('is not looked for where a name is longer than any', () => {
    const path = (steps: number): string => `${'x.'.repeat(steps)}eventName`;
    expect(nearestName(path(90), KNOWN)).toBe('eventName');
    expect(nearestName(path(100), KNOWN)).toBeUndefined();
  });

  it('is one of the known names, and a known name’s own', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect([undefined, ...KNOWN]).toContain(nearestName(name, KNOWN));
      }),
    );
    for (const name of KNOWN) expect(nearestName(name, KNOWN)).toBe(name);
  });
});
