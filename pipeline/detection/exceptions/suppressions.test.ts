import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../platform/clock.ts';
import type { JsonObject } from '../../../platform/json.ts';
import type { ReadRecord } from '../../timeline/read-record.ts';
import { compileRules, loadRules } from '../loading/load.ts';
import { recordOf, ruleText } from '../testing/rule-samples.ts';
import { ruleSet, type RuleSet } from '../matching/rule-set.ts';
import type { Exception } from './exception.ts';
import { detecting, exceptionOf, exceptionText, NOW } from './exception-samples.ts';
import { matcherOf } from './suppressions.ts';

const DAY = 86_400_000;

/** Rules `a` and `b`, both on any value of `f`; `b` goes by the name `second` too. */
const RULES = compileRules(
  (['a', 'b'] as const).map((id) => ({
    file: `${id}.yml`,
    text: ruleText(detecting({ f: '*' }), { id, name: id === 'b' ? 'second' : undefined }),
  })),
).rules;

const withExceptions = (exceptions: readonly Exception[], clock = new ManualClock(NOW)): RuleSet =>
  ruleSet({ rules: RULES, rejected: [], exceptions, clock });

/** Of each signal, the rule, and the exception that suppresses it. */
const outcome = (set: RuleSet, record: ReadRecord) =>
  set.match(record).map(({ rule, suppressed }) => [rule.id, suppressed?.exception]);

function at(time: number, fields: JsonObject): ReadRecord {
  const record = recordOf(fields);
  return { ...record, event: { ...record.event, time } };
}

const backup = detecting({ f: 'backup' });

describe('an exception', () => {
  it.each<[rules: readonly string[], suppressed: readonly (string | undefined)[]]>([
    [['a'], ['x', undefined]],
    [['b'], [undefined, 'x']],
    [['second'], [undefined, 'x']],
    [
      ['second', 'b', 'a', 'a'],
      ['x', 'x'],
    ],
    [['other'], [undefined, undefined]],
  ])('suppresses the signals of its rules: %j', (rules, suppressed) => {
    const set = withExceptions([exceptionOf({ id: 'x', rules, detection: backup })]);
    expect(outcome(set, recordOf({ f: 'backup' })).map(([, exception]) => exception)).toEqual(suppressed);
    expect(outcome(set, recordOf({ f: 'restore' })).map(([, exception]) => exception)).toEqual([undefined, undefined]);
  });

  it('is for the records of its log source', () => {
    const signIns = { product: 'azure', service: 'signinlogs' };
    const detection = detecting({ f: 'backup', g: 'night' });
    const set = withExceptions([exceptionOf({ id: 'x', rules: 'any', logsource: signIns, detection })]);
    const fields = { f: 'backup', g: 'night' };
    expect(outcome(set, recordOf(fields))).toEqual([
      ['a', undefined],
      ['b', undefined],
    ]);
    expect(outcome(set, recordOf(fields, {}, 'json'))).toEqual([
      ['a', 'x'],
      ['b', 'x'],
    ]);
  });

  it('is named by the smallest id where several apply', () => {
    const ids = ['m', 'c', 'z'];
    const set = withExceptions(ids.map((id) => exceptionOf({ id, rules: ['a'], detection: backup })));
    expect(outcome(set, recordOf({ f: 'backup' }))[0]).toEqual(['a', 'c']);
  });

  it('finds its fields where records of the rule have them', () => {
    const logsource = { product: 'azure', service: 'signinlogs' };
    const { rules } = compileRules([
      { file: 'r.yml', text: ruleText(detecting({ ResultType: '50126' }), { id: 'r', logsource }) },
    ]);
    const detection = detecting({ ResultType: '50126', UserPrincipalName: 'backup@contoso.example' });
    const set = ruleSet({
      rules,
      rejected: [],
      exceptions: [exceptionOf({ rules: ['r'], detection })],
      clock: new ManualClock(NOW),
    });
    const fields = { resultType: '50126', properties: { userPrincipalName: 'backup@contoso.example' } };
    expect(outcome(set, recordOf(fields, logsource, 'entra'))).toEqual([['r', 'nightly-backup']]);
  });
});

describe('as time goes on', () => {
  const expires = Date.UTC(2027, 2, 1);
  it.each([
    ['before it expires', NOW, NOW, true],
    ['in its last moment', expires - 1, expires - 1, true],
    ['when it has expired, of a record from before', expires, NOW, false],
    ['long after, of an old record', expires + 300 * DAY, NOW, false],
    ['of a record dated after it expires', NOW, expires, false],
  ])('it suppresses only until it expires: %s', (_, now, time, suppresses) => {
    const clock = new ManualClock(now);
    const set = withExceptions([exceptionOf({ rules: ['a'], detection: backup })], clock);
    expect(outcome(set, at(time, { f: 'backup' }))[0]).toEqual(['a', suppresses ? 'nightly-backup' : undefined]);
  });

  it('it expires while rules run', () => {
    const clock = new ManualClock(expires - 1);
    const set = withExceptions([exceptionOf({ rules: ['a'], detection: backup })], clock);
    const record = at(NOW, { f: 'backup' });
    expect(outcome(set, record)[0]).toEqual(['a', 'nightly-backup']);
    clock.advance(1);
    expect(outcome(set, record)[0]).toEqual(['a', undefined]);
  });

  it('leaves its signals to another that has not expired', () => {
    const short = exceptionOf({
      id: 'a-short',
      rules: ['a'],
      detection: backup,
      expires: '2026-12-01',
      review: '2026-12-01',
    });
    const long = exceptionOf({ id: 'b-long', rules: ['a'], detection: backup });
    const set = withExceptions([short, long], new ManualClock(Date.UTC(2026, 11, 1)));
    expect(outcome(set, at(NOW, { f: 'backup' }))[0]).toEqual(['a', 'b-long']);
  });
});

it('an exception that fails suppresses nothing, is counted, and costs no other', () => {
  const fails: Exception = {
    ...exceptionOf({ id: 'fails', rules: ['a'] }),
    detectionFor: () => {
      throw new Error('broken');
    },
  };
  const works = exceptionOf({ id: 'works', rules: ['a'], detection: backup });
  const set = withExceptions([fails, works]);
  expect(outcome(set, recordOf({ f: 'backup' }))[0]).toEqual(['a', 'works']);
  expect(outcome(set, recordOf({ f: 'restore' }))[0]).toEqual(['a', undefined]);
  expect(set.exceptionErrors.get('fails')?.count).toBe(2);
  expect(set.errors.size).toBe(0);
});

describe('with any exceptions and records', () => {
  const value = fc.constantFrom('backup', 'restore', 'Backup', 'nightly-backup', 'x');
  const fields = fc.record({ f: fc.oneof(value, fc.array(value)), g: value }, { requiredKeys: ['f'] });
  const selection = fc.oneof(
    fc.record({ f: value }),
    fc.record({ 'f|contains': value, g: value }),
    fc.record({ 'f|cased': value, 'g|exists': fc.boolean() }),
  );
  const exceptions = fc
    .array(
      fc.record({
        detection: fc.oneof(
          selection.map(detecting),
          fc.tuple(selection, selection).map(([a, b]) => ({ a, b, condition: 'a and not b' })),
        ),
        rules: fc.subarray(['a', 'b', 'second'], { minLength: 1 }),
        expires: fc.constantFrom('2026-11-20', '2026-11-25', '2027-03-01'),
      }),
      { maxLength: 5 },
    )
    .map((all) => all.map((more, at) => exceptionOf({ ...more, id: `e${at}`, review: more.expires })));

  it('a signal is suppressed by an exception whose selection, evaluated by itself, matches, and by no other', () => {
    const none = withExceptions([]);
    fc.assert(
      fc.property(exceptions, fields, fc.integer({ min: -1, max: 10 }), (all, some, day) => {
        const record = at(NOW + day * DAY, some);
        const signals = withExceptions(all).match(record);
        expect(signals.map(({ suppressed: _, ...signal }) => signal)).toEqual(none.match(record));
        for (const { rule: fired, suppressed } of signals) {
          const rule = RULES.find(({ id }) => id === fired.id);
          if (rule === undefined) throw new Error('a rule of none');
          const applicable = all.filter(
            (one) =>
              (one.rules.includes(rule.id) || one.rules.includes(rule.name ?? rule.id)) &&
              one.expires > Math.max(NOW, record.event.time) &&
              matcherOf(one, rule)(record),
          );
          expect(suppressed?.exception).toBe(applicable[0]?.id);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('loadRules', () => {
  it('reads exceptions beside rules, and refuses those that suppress everything', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crosstrail-exceptions-'));
    try {
      const [rules, exceptions] = [join(folder, 'rules'), join(folder, 'exceptions')];
      await Promise.all([mkdir(rules), mkdir(exceptions)]);
      await writeFile(join(rules, 'rule.yml'), ruleText(detecting({ f: '*' }), { id: 'r' }));
      await writeFile(join(exceptions, 'backup.yml'), exceptionText({ rules: ['r'], detection: backup }));
      await writeFile(
        join(exceptions, 'wide.yaml'),
        exceptionText({ id: 'wide', rules: ['r'], detection: detecting({ f: '*' }) }),
      );
      const set = await loadRules([rules], { exceptions: [exceptions], clock: new ManualClock(NOW) });
      expect(outcome(set, recordOf({ f: 'backup' }))).toEqual([['r', 'nightly-backup']]);
      expect(outcome(set, recordOf({ f: 'restore' }))).toEqual([['r', undefined]]);
      expect(set.rejected).toMatchObject([{ file: join(exceptions, 'wide.yaml'), line: 1 }]);
      expect(set.exceptions.map(({ id }) => id)).toEqual(['nightly-backup']);
      await expect(loadRules([rules], { exceptions: [join(folder, 'none')] })).rejects.toThrow(
        'directory of exceptions',
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
