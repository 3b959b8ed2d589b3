import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementTexts, valueTexts } from './slices.ts';

describe('elementTexts', () => {
  it('gives the text of each element as it was written', () => {
    expect(elementTexts(' [ {"a":1.00, "b":"],{"} ,2, "x\\"y" ,[[]],null ] ')).toEqual([
      '{"a":1.00, "b":"],{"}',
      '2',
      '"x\\"y"',
      '[[]]',
      'null',
    ]);
    expect(elementTexts('{"x":{"records":[9]},"records":[ {"id":12345678901234567890} ]}')).toEqual([
      '{"id":12345678901234567890}',
    ]);
  });

  it.each(['{"a":1}', '"text"', '7', '{"records":"text"}'])('finds no list in %s', (text) => {
    expect(elementTexts(text)).toBeUndefined();
  });

  it('finds the list that a reader sees, whatever else the object holds', () => {
    expect(elementTexts('{"records":[1],"records":[2]}')).toEqual(['2']);
    expect(elementTexts('{"Records":[1],"records":[2],"Records":[3]}')).toEqual(['2']);
    expect(elementTexts('{"records":[1],"\\u0072ecords":[2]}')).toBeUndefined();
  });

  it('agrees with the parser on any JSON, however it is spaced', () => {
    const list = fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(list, fc.constantFrom(undefined, 1, '\t'), fc.boolean(), (values, space, inEnvelope) => {
        const text = JSON.stringify(inEnvelope ? { before: values, Records: values } : values, undefined, space);
        expect(elementTexts(text)?.map((element): unknown => JSON.parse(element))).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
      }),
    );
  });

  it('bears nesting beyond any stack', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(elementTexts(`[${deep},1]`)).toEqual([deep, '1']);
  });
});

describe('valueTexts', () => {
  it('takes apart what was written one after the other', () => {
    fc.assert(
      fc.property(fc.array(fc.object({ maxDepth: 3 })), fc.constantFrom('', '\n', ' \r\n'), (values, between) => {
        const texts = values.map((value) => JSON.stringify(value));
        expect([...valueTexts(texts.join(between))].map(({ text }) => text)).toEqual(texts);
      }),
    );
  });

  it('comes to an end on any text, and leaves nothing but white space out', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', ' ', 'a', '1', '\\', '\n') }),
        (text) => {
          const pieces = [...valueTexts(text)].map((piece) => piece.text);
          expect(pieces.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
        },
      ),
    );
  });
});
