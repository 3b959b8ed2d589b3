import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { MAX_DEPTH, parseJson } from '../../../platform/json.ts';
import type { ApiActivity, Authentication } from '../../timeline/ocsf/types.ts';
import type { EventOf, EventRule } from '../event-rule.ts';
import { RULE_TOOLS } from './rule-tools.ts';

const { values, document } = RULE_TOOLS;

describe('values', () => {
  const record = { list: [{ a: 1 }, { a: [2, null] }, 'text', { b: 3 }], 'dotted.key': { a: 4 }, empty: [] };

  it('gives each value at a path, of lists each member', () => {
    expect(values(record, 'list.a')).toEqual([1, 2, null]);
    expect(values(record, 'dotted.key.a')).toEqual([]);
    expect(values(record, 'dotted.key')).toEqual([{ a: 4 }]);
    expect(values(record, 'empty')).toEqual([]);
  });

  it('reads a list as it reads an object, and nothing of anything else', () => {
    expect(values(record.list, 'a')).toEqual([1, 2, null]);
    expect(values([[{ a: 5 }]], 'a')).toEqual([5]);
    for (const nothing of [undefined, null, 'a', 7, true]) expect(values(nothing, 'a')).toEqual([]);
  });

  it('knows no key that a record does not own', () => {
    expect(values({}, 'constructor.name')).toEqual([]);
    expect(values(parseJson('{"__proto__":{"a":1}}'), '__proto__.a')).toEqual([1]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, path) =>
        Array.isArray(values(parseJson(JSON.stringify(value)), path)),
      ),
    );
  });
});

describe('document', () => {
  it('opens JSON in a text, and leaves what is no text', () => {
    expect(document('{"a":[1]}')).toEqual({ a: [1] });
    expect(document('[1]')).toEqual([1]);
    expect(document({ a: 1 })).toEqual({ a: 1 });
    expect(document(undefined)).toBeUndefined();
  });

  it('gives nothing for a text that holds none, or one that nests too deep', () => {
    expect(document('{')).toBeUndefined();
    expect(document('')).toBeUndefined();
    expect(document('['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1))).toBeUndefined();
    expect(document('['.repeat(200_000))).toBeUndefined();
  });
});

describe('EventRule', () => {
  it('types the event by the classes that the rule reads', () => {
    expectTypeOf<EventOf<6003>['ocsf']>().toEqualTypeOf<ApiActivity>();
    expectTypeOf<Parameters<EventRule<3002 | 6003>['matches']>[0]['ocsf']>().toEqualTypeOf<
      ApiActivity | Authentication
    >();
  });
});
