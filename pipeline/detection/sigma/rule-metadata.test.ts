import { describe, expect, it } from 'vitest';
import { compiled, reasonFor, ruleText } from '../testing/rule-samples.ts';

const DETECTION = { selection: { f: 'a' }, condition: 'selection' };
const withKeys = (more: Readonly<Record<string, unknown>>): string => ruleText(DETECTION, more);

describe('what a rule says of itself', () => {
  it('is read whole', () => {
    const rule = compiled(
      withKeys({
        id: '00000000-0000-4000-8000-000000000001',
        description: 'What it finds.',
        level: 'critical',
        tags: ['attack.persistence', 'attack.t1098.001', 'attack.T1562.008', 'attack.t1098.001', 'cve.2026-0001'],
        falsepositives: ['Administrators'],
        logsource: { product: 'AWS', service: 'cloudtrail', category: 'audit', definition: 'Management events' },
        crosstrail: {
          decision: 'block',
          owner: 'cloud-security',
          group: ['principal', 'requestParameters.name'],
          window: '15m',
        },
        status: 'test',
        custom: { anything: true },
      }),
    );
    expect(rule).toMatchObject({
      id: '00000000-0000-4000-8000-000000000001',
      title: 'A rule',
      description: 'What it finds.',
      level: 'critical',
      techniques: ['T1098.001', 'T1685.002'],
      falsepositives: ['Administrators'],
      logsource: { product: 'aws', service: 'cloudtrail', category: 'audit' },
      decision: 'block',
      owner: 'cloud-security',
      group: ['principal', 'requestParameters.name'],
      window: 900_000,
      file: 'rule.yml',
      line: 1,
    });
    expect(rule.tags).toHaveLength(5);
  });

  it('has defaults', () => {
    expect(compiled(withKeys({}))).toMatchObject({
      id: 'a-rule',
      level: 'medium',
      description: '',
      tags: [],
      techniques: [],
      falsepositives: [],
      decision: 'monitor',
      escalate: undefined,
      owner: undefined,
      group: ['principal'],
      window: 3_600_000,
    });
    expect(compiled(withKeys({ name: 'by_name' })).id).toBe('by_name');
    const empty = { id: null, name: null, taxonomy: null, description: null, level: null, tags: null };
    const logsource = { product: 'aws', service: null, category: null };
    expect(compiled(withKeys({ ...empty, falsepositives: null, logsource }))).toMatchObject({
      id: 'a-rule',
      name: undefined,
      level: 'medium',
      description: '',
      logsource: { product: 'aws', service: undefined, category: undefined },
    });
    const nowhere = { product: null, service: null };
    expect(reasonFor(withKeys({ logsource: nowhere }))).toMatch(/^logsource: expected a category/);
    expect(compiled(withKeys({ falsepositives: 'Unknown' })).falsepositives).toEqual(['Unknown']);
  });

  it.each([
    ['informational', 'monitor'],
    ['low', 'monitor'],
    ['medium', 'monitor'],
    ['high', 'warn'],
    ['critical', 'warn'],
  ])('of level %s has the decision %s unless it says otherwise', (level, decision) => {
    expect(compiled(withKeys({ level })).decision).toBe(decision);
    expect(compiled(withKeys({ level, crosstrail: { decision: 'block' } })).decision).toBe('block');
  });

  it.each([
    ['medium', { decision: 'monitor' }],
    ['high', { decision: 'monitor' }],
    ['low', {}],
  ])('escalates where it only counts: level %s, %j', (level, own) => {
    const escalate = { count: 5, decision: 'warn' };
    expect(compiled(withKeys({ level, crosstrail: { ...own, escalate } })).escalate).toEqual(escalate);
  });

  it.each([
    ['medium', { decision: 'warn' }, /^crosstrail\.escalate: goes with the decision monitor, and this rule's is warn/],
    ['low', { decision: 'block' }, /^crosstrail\.escalate: .* is block/],
    ['critical', {}, /^crosstrail\.escalate: .* is warn/],
  ])('refuses to escalate what is decided at once: level %s, %j', (level, own, reason) => {
    const escalate = { count: 5, decision: 'block' };
    expect(reasonFor(withKeys({ level, crosstrail: { ...own, escalate } }))).toMatch(reason);
  });

  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['366d', 31_622_400_000],
  ])('has a window of %s', (window, milliseconds) => {
    expect(compiled(withKeys({ crosstrail: { window } })).window).toBe(milliseconds);
  });

  it.each<[Readonly<Record<string, unknown>>, RegExp]>([
    [{ title: '' }, /^title: /],
    [{ title: 7 }, /^title: expected a text, found a number/],
    [{ id: 'a b' }, /^id: expected a name without spaces/],
    [{ level: 'severe' }, /^level: expected one of informational,/],
    [{ tags: 'attack.t1078' }, /^tags: expected a list, found a text/],
    [{ tags: [1] }, /^tags\.0: expected a text/],
    [{ logsource: undefined }, /^logsource: /],
    [{ logsource: {} }, /^logsource: expected a category, a product or a service/],
    [{ logsource: { product: 7 } }, /^logsource\.product: /],
    [{ crosstrail: { decision: 'ignore' } }, /^crosstrail\.decision: /],
    [{ crosstrail: { window: '1 hour' } }, /^crosstrail\.window: expected a length of time such as 5m/],
    [{ crosstrail: { window: '0m' } }, /^crosstrail\.window: /],
    [{ crosstrail: { window: '367d' } }, /^crosstrail\.window: .*at most 366d/],
    [{ crosstrail: { window: 60 } }, /^crosstrail\.window: /],
    [{ crosstrail: { group: [] } }, /^crosstrail\.group: /],
    [{ crosstrail: { group: 'principal' } }, /^crosstrail\.group: /],
    [{ crosstrail: { escalate: { count: 5 } } }, /^crosstrail\.escalate\.decision: /],
    [{ crosstrail: { escalate: { decision: 'warn' } } }, /^crosstrail\.escalate\.count: /],
    [{ crosstrail: { escalate: { count: 1, decision: 'warn' } } }, /^crosstrail\.escalate\.count: expected at least 2/],
    [{ crosstrail: { escalate: { count: 2.5, decision: 'warn' } } }, /^crosstrail\.escalate\.count: /],
    [{ crosstrail: { escalate: { count: 5, decision: 'monitor' } } }, /^crosstrail\.escalate\.decision: /],
    [
      { crosstrail: { escalate: { count: 5, decision: 'warn', per: '1h' } } },
      /^crosstrail\.escalate\.per: Unrecognized key/,
    ],
    [{ crosstrail: { owners: 'x' } }, /^crosstrail\.owners: Unrecognized key: "owners"/],
    [{ crosstrail: 'warn' }, /^crosstrail: /],
    [{ detection: 'x' }, /^detection: expected a map of selections/],
    [{ correlation: { type: 'event_count' } }, /^detection: a correlation rule has none/],
    [{ filter: { rules: 'any' } }, /^detection: a filter has none/],
    [{ action: 'global' }, /^rule collections/],
    [{ detection: { ...DETECTION, timeframe: '5m' } }, /^'timeframe' is no longer part of Sigma/],
  ])('is rejected with %j', (more, reason) => {
    expect(reasonFor(withKeys(more))).toMatch(reason);
  });
});
