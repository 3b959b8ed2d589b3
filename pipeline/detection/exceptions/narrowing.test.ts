import { describe, expect, it } from 'vitest';
import { detecting, reasonFor } from './exception-samples.ts';

const TOO_WIDE = 'it would suppress everything';
const ACCEPTED = 'it is not rejected';

describe('what does not narrow is refused', () => {
  it.each<[selection: unknown]>([
    [{ f: '*' }],
    [{ f: '?*' }],
    [{ 'f|contains': '' }],
    [{ 'f|contains': 'e' }],
    [{ 'f|re': '.*' }],
    [{ 'f|re': '^' }],
    [{ 'f|re': '[a-z]' }],
    [{ 'f|re': '^[0-9a-f-]{36}$|' }],
    [{ 'f|exists': true }],
    [{ 'f|exists': false }],
    [{ f: null }],
    [{ 'f|neq': 'abc' }],
    [{ 'f|cidr': '0.0.0.0/0' }],
    [{ 'f|cidr': ['0.0.0.0/1', '128.0.0.0/1'] }],
    [{ 'f|cidr': '::/0' }],
    [{ 'f|gte': 0 }],
    [{ 'f|lt': 1e15 }],
    [{ f: [true, false] }],
    [{ 'f|startswith': 'arn:aws' }],
    [{ 'f|endswith': 'Z' }],
    [{ 'f|fieldref': 'f' }],
    [{ 'f|contains|all': ['a', 'e'] }],
    [[{ f: 'backup' }, { g: '*' }]],
    [['backup', 'a']],
  ])('%j', (selection) => {
    expect(reasonFor({ detection: detecting(selection) })).toContain(TOO_WIDE);
  });

  it.each([
    ['not a'],
    ['a or not b'],
    ['not (a and b)'],
    ['not not any_value'],
    ['low or high'],
    ['1 of *'],
    ['a or (any_value and not b)'],
  ])('%s', (condition) => {
    const detection = {
      a: { f: 'backup' },
      b: { g: 'restore' },
      any_value: { f: '*' },
      low: { 'size|lt': 5 },
      high: { 'size|gte': 5 },
      condition,
    };
    expect(reasonFor({ detection })).toContain(TOO_WIDE);
  });
});

describe('what narrows is accepted', () => {
  it.each<[selection: unknown]>([
    [{ f: 'backup' }],
    [{ f: ['backup', 'restore'] }],
    [{ f: 42 }],
    [{ f: true }],
    [{ 'f|contains': ':assumed-role/backup' }],
    [{ 'f|startswith': 'arn:aws:iam::111122223333:' }],
    [{ 'f|re': '^svc-[a-z]+$' }],
    [{ 'f|cidr': ['10.0.0.0/8', '192.168.0.0/16'] }],
    [{ 'f|lt': 10 }],
    [{ 'f|fieldref': 'g' }],
    [{ f: 'backup', g: '*' }],
    [{ f: 'backup', 'g|exists': false }],
    [[{ f: 'backup' }, { g: 'restore' }]],
    [['snapshot-copier']],
  ])('%j', (selection) => {
    expect(reasonFor({ detection: detecting(selection) })).toBe(ACCEPTED);
  });

  it.each([['a and not b'], ['not not a'], ['not (not a or b)'], ['1 of *'], ['all of them and not b']])(
    '%s',
    (condition) => {
      expect(reasonFor({ detection: { a: { f: 'backup' }, b: { f: 'restore' }, condition } })).toBe(ACCEPTED);
    },
  );
});

describe('an exception from any rule', () => {
  const logsource = { product: 'aws', service: 'cloudtrail' };
  it('needs a log source', () => {
    expect(reasonFor({ rules: 'any' })).toContain('needs a logsource');
  });

  it.each<[accepted: boolean, detection: object]>([
    [false, detecting({ 'userIdentity.arn': 'a:role/backup' })],
    [false, detecting({ 'userIdentity.arn|contains|all': ['role/backup', '111122223333'] })],
    [false, detecting([{ eventName: 'CopySnapshot', 'userIdentity.arn': 'a:role/backup' }, { eventName: 'GetUser' }])],
    [false, { a: { eventName: 'GetUser' }, b: { eventSource: 'iam' }, condition: 'a and not b' }],
    [true, detecting({ eventName: 'CopySnapshot', 'userIdentity.arn': 'a:role/backup' })],
    [true, { a: { eventName: 'GetUser' }, b: { eventSource: ['iam', 'sts'] }, condition: 'a and b' }],
  ])('narrows by two fields: %s for %j', (accepted, detection) => {
    const reason = reasonFor({ rules: 'any', logsource, detection });
    expect(reason).toContain(accepted ? ACCEPTED : 'must compare two fields');
  });
});

it('takes bounded time, however an exception is made', () => {
  const fields = Array.from({ length: 201 }, (_, field) => `f${field}`);
  const selections = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, { [name]: 'backup' }]));
  expect(reasonFor({ detection: detecting(Object.assign({}, ...Object.values(selections(fields)))) })).toContain(
    'at most 200 comparisons',
  );
  const detection = { ...selections(fields.slice(1)), condition: `${'1 of them or '.repeat(49)}1 of them` };
  const started = performance.now();
  expect(reasonFor({ rules: 'any', logsource: { product: 'aws' }, detection })).toContain('must compare two fields');
  expect(performance.now() - started).toBeLessThan(2000);
});
