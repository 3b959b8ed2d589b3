import { describe, expect, it } from 'vitest';
import { parseJson, type Json, type JsonObject } from '../../../platform/json.ts';
import { FieldPath, textOfValue } from './field-path.ts';
import { nested } from '../testing/rule-samples.ts';

/** Every value at a path. */
function valuesAt(path: string, fields: JsonObject): Json[] {
  const values: Json[] = [];
  new FieldPath(path).some(fields, (value) => {
    values.push(value);
    return false;
  });
  return values;
}

describe('FieldPath', () => {
  it.each<[string, JsonObject, Json[]]>([
    ['eventName', { eventName: 'StopLogging' }, ['StopLogging']],
    ['eventname', { eventName: 'StopLogging' }, []],
    ['userIdentity.type', { userIdentity: { type: 'Root' } }, ['Root']],
    ['userIdentity.type', { userIdentity: 'Root' }, []],
    ['userIdentity', { userIdentity: { type: 'Root' } }, [{ type: 'Root' }]],
    ['errorCode', { errorCode: null }, [null]],
    ['a.b', { a: [{ b: 1 }, { c: 2 }, 'b', { b: [3, [4]] }] }, [1, 3, 4]],
    ['a', { a: [] }, []],
    ['a.b', { 'a.b': 'whole', a: { b: 'entered' } }, ['whole']],
    ['labels.app.kubernetes.io/name', { labels: { 'app.kubernetes.io/name': 'web' } }, ['web']],
    ['a.0', { a: ['zero'] }, []],
    ['', { '': 'empty' }, ['empty']],
  ])('reads %s of %j', (path, fields, expected) => {
    expect(valuesAt(path, fields)).toEqual(expected);
  });

  it('reads own keys only, whatever their names', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'constructor.name', '__proto__.constructor']) {
      expect(valuesAt(name, { a: 1 })).toEqual([]);
      expect(new FieldPath(name).exists({ a: 1 })).toBe(false);
    }
    const hostile = parseJson('{"__proto__":{"role":"admin"},"constructor":"mine"}');
    expect(valuesAt('__proto__.role', hostile as JsonObject)).toEqual(['admin']);
    expect(valuesAt('constructor', hostile as JsonObject)).toEqual(['mine']);
    expect(valuesAt('length', { a: [1, 2] })).toEqual([]);
    expect(valuesAt('a.length', { a: [1, 2] })).toEqual([]);
  });

  it('says of a field that holds nothing that it exists', () => {
    const exists = (path: string, fields: JsonObject): boolean => new FieldPath(path).exists(fields);
    expect(exists('a', { a: null })).toBe(true);
    expect(exists('a', { a: [] })).toBe(true);
    expect(exists('a.b', { a: [{}, { b: '' }] })).toBe(true);
    expect(exists('a.b', { a: [{}, []] })).toBe(false);
    expect(exists('b', { a: null })).toBe(false);
  });

  it('enters lists within lists to a depth of 64', () => {
    const within = (depth: number): Json => {
      let value: Json = 'found';
      for (let level = 0; level < depth; level += 1) value = [value];
      return value;
    };
    expect(valuesAt('a', { a: within(64) })).toEqual(['found']);
    expect(valuesAt('a', { a: within(65) })).toEqual([]);
    expect(valuesAt('a', { a: within(10_000) })).toEqual([]);
  });

  it('stops at the first value that passes', () => {
    const seen: Json[] = [];
    const found = new FieldPath('a').some({ a: [1, 2, 3] }, (value) => {
      seen.push(value);
      return value === 2;
    });
    expect(found).toBe(true);
    expect(seen).toEqual([1, 2]);
  });
});

describe('textOfValue', () => {
  it('is the text of a scalar', () => {
    expect(['a', 42, 1.5, true].map(textOfValue)).toEqual(['a', '42', '1.5', 'true']);
    expect([null, [], nested(1, 'x')].map(textOfValue)).toEqual([undefined, undefined, undefined]);
  });
});
