import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, type Json } from '../../../platform/json.ts';
import { letStatements } from './kql-values.ts';

const STATEMENT = /^let \w+ = parse_json\(base64_decode_tostring\("([A-Za-z0-9+/=]*)"\)\);\n$/;

function opened(statement: string): Json {
  return parseJson(Buffer.from(STATEMENT.exec(statement)?.[1] ?? 'no statement', 'base64').toString('utf8'));
}

describe('values of a query', () => {
  it('are there for the service to open, whatever they hold', () => {
    for (const text of [
      `ann"); SecurityEvent | take 1 //`,
      "ann' or 1 == 1 --",
      '\\") | where 1 == 1',
      'a\u2028b\u2029c\r\nd\u0000',
      '```',
      '\u{1f600} é',
      ']); let x = 1;',
    ]) {
      const statement = letStatements({ upns: [text] });
      expect(statement).toMatch(STATEMENT);
      expect(opened(statement)).toEqual([text]);
    }
  });

  it('never add anything but letters, digits and three marks to the text', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 50 }));
    fc.assert(
      fc.property(texts, (values) => {
        const statement = letStatements({ upns: values });
        expect(statement).toMatch(STATEMENT);
        expect(opened(statement)).toEqual(values.map((value) => value.toWellFormed()));
      }),
    );
  });

  it('have names of the program alone', () => {
    expect(() => letStatements({ 'a = 1; b': [] })).toThrow(TypeError);
    expect(() => letStatements({ '': [] })).toThrow(TypeError);
  });
});
