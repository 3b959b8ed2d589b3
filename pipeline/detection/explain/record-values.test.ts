import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../platform/json.ts';
import { someContainedText } from '../sigma/contained-text.ts';
import { FieldPath } from '../sigma/field-path.ts';
import { textsIn, valuesAt } from './record-values.ts';

const name = fc.constantFrom('a', 'b', 'c', 'a.b', 'b.c', '__proto__');
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.oneof(fc.constantFrom('x', 'y', ''), fc.integer({ min: 0, max: 9 }), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const fields = fc.dictionary(name, json, { maxKeys: 4 }) as fc.Arbitrary<JsonObject>;

it('gives the values that a field path reaches, in their order', () => {
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('.'));
  fc.assert(
    fc.property(fields, path, (record, field) => {
      const reached: Json[] = [];
      new FieldPath(field).some(record, (value) => {
        reached.push(value);
        return false;
      });
      expect([...valuesAt(record, field)].map(({ value }) => value)).toEqual(reached);
    }),
  );
});

it('gives the texts that keywords are looked for in, in their order', () => {
  fc.assert(
    fc.property(json, (value) => {
      const seen: string[] = [];
      someContainedText(value, (text) => {
        seen.push(text);
        return false;
      });
      expect([...textsIn(value, '')].map(({ text }) => text)).toEqual(seen);
    }),
  );
});

it('says where each value stands', () => {
  const record = { a: [{ 'b.c': 1 }, { b: { c: [2, [3]] } }], d: 4 };
  expect([...valuesAt(record, 'a.b.c')]).toEqual([
    { place: 'a[0].b.c', value: 1 },
    { place: 'a[1].b.c[0]', value: 2 },
    { place: 'a[1].b.c[1][0]', value: 3 },
  ]);
  expect([...textsIn(record.a[1] ?? null, 'a[1]')].map(({ place, text, key }) => [place, text, key])).toEqual([
    ['a[1].b', 'b', true],
    ['a[1].b.c', 'c', true],
    ['a[1].b.c[0]', '2', false],
    ['a[1].b.c[1][0]', '3', false],
  ]);
});
