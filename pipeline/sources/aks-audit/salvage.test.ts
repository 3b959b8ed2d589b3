import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDeeperThan, MAX_DEPTH, type Json, type JsonObject } from '../../../platform/json.ts';
import { salvage } from './salvage.ts';

const EVENT =
  '{"kind":"Event","stage":"ResponseComplete","user":{"username":"ada","groups":["a","b"]},"responseStatus":{"code":201},"x":null}';

describe('salvage', () => {
  it.each([
    ['{"verb":"create","user":{"username":"ada"},"stage":"Resp', { verb: 'create', user: { username: 'ada' } }],
    ['{"user":{"username":"ada","groups":["a","b', { user: { username: 'ada', groups: ['a'] } }],
    ['{"a":{"b":{"c":1},"d":[{"e":true},{"f":fal', { a: { b: { c: 1 }, d: [{ e: true }, {}] } }],
    ['{"code":20', {}],
    ['{"code":20,', { code: 20 }],
    ['{"code":2e', {}],
    ['{"a":"\\u00e9\\"}","b":"\\', { a: 'é"}' }],
    ['{"a":1,"b"', { a: 1 }],
    ['{"a":1,"b":', { a: 1 }],
    ['{"a":1 "b":2}', { a: 1 }],
    ['{"a":1,b:2}', { a: 1 }],
    ["{'a':1}", {}],
    ['{"a":1}trailing', { a: 1 }],
    ['{"a":[1,2,]}', { a: [1, 2] }],
    ['{', {}],
    [' \n{ "a" : [ ] , "b" : { } }', { a: [], b: {} }],
    ['{"a":"line\nbreak","b":', { a: 'line\nbreak' }],
    ['{"a":-0.5e-1,"b":01}', { a: -0.05 }],
  ])('reads %s', (text, expected) => {
    expect(salvage(text)).toEqual(expected);
  });

  it.each(['', 'I1120 10:11:12 text', '[1]', '"{}"', 'null'])('finds no object in %j', (text) => {
    expect(salvage(text)).toBeUndefined();
  });

  it('gives of every prefix what the whole would give there, and no more', () => {
    const whole = JSON.parse(EVENT) as JsonObject;
    for (let length = 1; length <= EVENT.length; length++) {
      expectPart(salvage(EVENT.slice(0, length)), whole);
    }
    expect(salvage(EVENT)).toEqual(whole);
  });

  it('reads whole JSON as the language does, and of any cut a part of it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), fc.boolean(), (object, cut, indented) => {
        const text = JSON.stringify(object, undefined, indented ? 1 : 0);
        const whole = JSON.parse(text) as JsonObject;
        expect(salvage(text)).toEqual(whole);
        expectPart(salvage(text.slice(0, 1 + (cut % (text.length - 1)))), whole);
      }),
      { numRuns: 500 },
    );
  });

  it('gives something or nothing of any text, and never throws', () => {
    const noise = fc
      .array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'true', '1', '-', 'a', ' ', 'é'))
      .map((parts) => `{${parts.join('')}`);
    fc.assert(
      fc.property(noise, (text) => {
        expect(salvage(text)).toBeDefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps a member named __proto__ harmless', () => {
    const object = salvage('{"__proto__":{"admin":true},"constructor":{"a":1},"cut":"');
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(JSON.stringify(object)).toBe('{"__proto__":{"admin":true},"constructor":{"a":1}}');
  });

  it('goes no deeper than records may', () => {
    const object = salvage('{"a":'.repeat(100_000));
    expect(isDeeperThan(object, MAX_DEPTH)).toBe(false);
    expect(isDeeperThan(object, MAX_DEPTH - 1)).toBe(true);
  });

  it.each(['{"a":"\\"', '{"a":{"b":1},', '{"":[', '{"a":1                 '])(
    'takes time in proportion to the text: %s',
    (unit) => {
      const started = performance.now();
      salvage(`{"x":"${'\\\\'.repeat(500_000)}",${unit.slice(1).repeat(100_000)}`);
      salvage(unit.repeat(200_000));
      expect(performance.now() - started).toBeLessThan(2000);
    },
  );
});

/** A part of an object has no name and no value that the whole has not. */
function expectPart(part: Json | undefined, whole: Json | undefined): void {
  if (Array.isArray(part) && Array.isArray(whole)) {
    expect(part.length).toBeLessThanOrEqual(whole.length);
    part.forEach((member, index) => expectPart(member, whole[index]));
  } else if (typeof part === 'object' && part !== null && !Array.isArray(part)) {
    for (const name of Object.keys(part)) {
      expect(Object.hasOwn(whole as JsonObject, name)).toBe(true);
      expectPart(part[name], (whole as JsonObject)[name]);
    }
  } else expect(part).toEqual(whole);
}
