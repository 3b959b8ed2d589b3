import { describe, expect, it } from 'vitest';
import { exceptionNotices, stateOf } from './exception.ts';
import { detecting, exceptionOf, exceptionsOf, exceptionText, NOW, reasonFor } from './exception-samples.ts';

describe('an exception', () => {
  it('states who, why and until when', () => {
    expect(exceptionOf({ ticket: 'OPS-7', logsource: { product: 'AWS', service: 'CloudTrail' } })).toMatchObject({
      id: 'nightly-backup',
      rules: ['snapshot-shared'],
      logsource: { product: 'aws', service: 'cloudtrail' },
      owner: 'platform-team',
      expires: Date.UTC(2027, 2, 1),
      review: Date.UTC(2027, 0, 15),
      ticket: 'OPS-7',
      file: 'exceptions.yml',
      line: 1,
    });
  });

  it.each(['title', 'id', 'rules', 'detection', 'owner', 'reason', 'expires', 'review'])('must have %s', (key) => {
    expect(reasonFor({ [key]: undefined })).toMatch(new RegExp(`^${key} is missing: an exception states title, id, `));
  });

  it.each<[reason: string, more: Readonly<Record<string, unknown>>]>([
    ['owner: is empty', { owner: ' ' }],
    ['reason: expected a sentence that says why', { reason: 'because' }],
    ['id: expected a UUID or a name', { id: 'a/b' }],
    ['rules: expected a list of ids or names of rules (at most 1000), or any', { rules: 'all' }],
    ['rules: names no rule', { rules: [] }],
    ['expires: expected a day (UTC) such as 2027-03-01, or a time with its zone', { expires: '2027-02-30' }],
    ['expires: expected a day such as 2027-03-01', { expires: 2027 }],
    ["found 'soon'", { review: 'soon' }],
    ['review: 2027-03-02 comes after it expires, on 2027-03-01', { review: '2027-03-02' }],
    ['expires: 2028-01-01 is more than 400 days away; choose a day until 2027-12-25', { expires: '2028-01-01' }],
    ["'expire' is no part of an exception", { expire: '2027-03-01' }],
    ["'services' is no part of an exception", { logsource: { services: 'a' } }],
    ['logsource: names no log source', { logsource: {} }],
    ['detection: expected selections and a condition', { detection: ['a'] }],
    ['unknown modifier', { detection: detecting({ 'f|is': 'a' }) }],
    ["condition: there is no selection 'other'", { detection: { selection: { f: 'abc' }, condition: 'other' } }],
  ])('is refused: %s', (reason, more) => {
    expect(reasonFor(more)).toContain(reason);
  });

  it('is refused with its line, and costs no other of its file', () => {
    const text = [
      ...['title: A', 'id: a', 'rules: [r]', 'detection: { s: { f: abc }, condition: s }', 'owner: o'],
      ...['reason: it is what we do', 'expires: 2027-03-01', 'review: 2027-02-31', '---', exceptionText()],
    ];
    const { exceptions, rejected } = exceptionsOf(text.join('\n'));
    expect(exceptions.map(({ id, line }) => [id, line])).toEqual([['nightly-backup', 10]]);
    expect(rejected).toMatchObject([{ file: 'exceptions.yml', line: 8 }]);
  });

  it('has an id of its own', () => {
    const { exceptions, rejected } = exceptionsOf(`${exceptionText()}\n---\n${exceptionText({ title: 'Another' })}`);
    expect(exceptions.map(({ title }) => title)).toEqual(['Nightly backup reads snapshots']);
    expect(rejected).toMatchObject([{ file: 'exceptions.yml', line: 3 }]);
    expect(rejected[0]?.reason).toContain('the id nightly-backup is taken by the exception at exceptions.yml:1');
  });

  it('bears hostile keys and values', () => {
    for (const more of ['"__proto__": {"owner": "x"}', '"constructor": 1', '"id": [[]]', '"rules": {"length": 3}']) {
      const { exceptions, rejected } = exceptionsOf(`{${more}}`);
      expect([exceptions, rejected.length]).toEqual([[], 1]);
    }
    expect(exceptionsOf('[1, 2]').rejected[0]?.reason).toContain('expected an exception: a map');
  });
});

describe('as time goes on', () => {
  const exception = exceptionOf();
  it.each([
    [NOW, 'active'],
    [Date.UTC(2027, 0, 15) - 1, 'active'],
    [Date.UTC(2027, 0, 15), 'review due'],
    [Date.UTC(2027, 2, 1) - 1, 'review due'],
    [Date.UTC(2027, 2, 1), 'expired'],
  ])('at %d it is %s', (now, state) => {
    expect(stateOf(exception, now)).toBe(state);
  });

  it('its owner is told', () => {
    expect(exceptionNotices([exception], NOW)).toEqual([]);
    expect(exceptionNotices([exception], Date.UTC(2027, 0, 15))).toEqual([
      'the exception nightly-backup (Nightly backup reads snapshots; exceptions.yml:1) was due for review on 2027-01-15: platform-team must renew or remove it',
    ]);
    expect(exceptionNotices([exception], Date.UTC(2027, 2, 1))).toEqual([
      expect.stringContaining('expired on 2027-03-01 and suppresses nothing'),
    ]);
  });

  it('one that has expired still loads, to be reported', () => {
    expect(stateOf(exceptionOf({}, Date.UTC(2030, 0)), Date.UTC(2030, 0))).toBe('expired');
  });
});
