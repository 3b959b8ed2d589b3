import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, parseJson, type JsonObject } from '../../../platform/json.ts';
import { remainder, setOwn } from './remainder.ts';

describe('remainder', () => {
  it('leaves out what was mapped and copies nothing', () => {
    const inner = { deep: [1] };
    const rest = remainder({ a: 1, b: inner, c: undefined }, new Set(['a']));
    expect(rest).toEqual({ b: inner });
    expect(rest?.['b']).toBe(inner);
  });

  it('gives nothing where nothing is left', () => {
    expect(remainder({ a: 1 }, new Set(['a']))).toBeUndefined();
  });

  it('keeps a property named __proto__ harmless', () => {
    const hostile = parseJson('{"__proto__":{"admin":true},"constructor":1}');
    const rest = isObject(hostile) ? remainder(hostile, new Set()) : undefined;
    expect(Object.getPrototypeOf(rest)).toBe(Object.prototype);
    expect(rest?.['admin']).toBeUndefined();
    expect(JSON.stringify(rest)).toBe('{"__proto__":{"admin":true},"constructor":1}');
  });

  it('keeps all of any object when nothing was mapped', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (object) => {
        expect(JSON.stringify(remainder(object as JsonObject, new Set()) ?? {})).toBe(JSON.stringify(object));
      }),
    );
  });
});

describe('setOwn', () => {
  it('overwrites what is there', () => {
    const object: JsonObject = {};
    setOwn(object, '__proto__', 1);
    setOwn(object, '__proto__', 2);
    expect(JSON.stringify(object)).toBe('{"__proto__":2}');
  });
});
