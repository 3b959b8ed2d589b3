import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decode } from './decode.ts';
import { RejectedRecord } from './source.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const records = (text: string) =>
  decode(bytes(text)).map((found) => ('record' in found ? found.record : found.rejected));
const rejection = (body: Uint8Array) => {
  try {
    decode(body);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedRecord);
    return (error as RejectedRecord).message;
  }
  throw new Error('the body was read');
};

describe('decode reads', () => {
  it.each([
    ['a records envelope', '{"records":[{"a":1},{"a":2}]}'],
    ['a Records envelope', '{"Records":[{"a":1},{"a":2}]}'],
    ['a bare array', '[{"a":1},{"a":2}]'],
    ['a double-encoded body', JSON.stringify('{"records":[{"a":1},{"a":2}]}')],
    ['a records envelope whose list is a string', '{"records":"[{\\"a\\":1},{\\"a\\":2}]"}'],
    ['an array of strings', '["{\\"a\\":1}","{\\"a\\":2}"]'],
    ['an array of envelopes', '[{"records":[{"a":1}]},{"records":[{"a":2}]}]'],
    ['one value a line', '{"a":1}\r\n\n{"a":2}\n'],
    ['LookupEvents', '{"Events":[{"EventId":"x","CloudTrailEvent":"{\\"a\\":1}"},{"CloudTrailEvent":"{\\"a\\":2}"}]}'],
    [
      'EventBridge envelopes',
      '[{"detail-type":"AWS API Call via CloudTrail","detail":{"a":1}},{"detail-type":"x","detail":{"a":2}}]',
    ],
    ['values one after the other', '{"a":1}{"a":2}'],
    ['pretty-printed values one after the other', '{\n  "a": 1\n}\n{\n  "a": 2\n}\n'],
    ['a Kubernetes EventList', '{"kind":"EventList","items":[{"a":1},{"a":2}]}'],
    [
      'a CloudWatch Logs subscription',
      '{"messageType":"DATA_MESSAGE","logEvents":[{"message":"{\\"a\\":1}"},{"message":"{\\"a\\":2}"}]}',
    ],
    ['a byte order mark', '\ufeff[{"a":1},{"a":2}]'],
  ])('%s', (_name, text) => {
    expect(records(text)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(decode(gzipSync(text)).map(({ index }) => index)).toEqual([0, 1]);
  });

  it.each([
    ['EventBridge', '{"detail-type":"Findings Imported V2","detail":{"findings":[FINDING,FINDING]}}'],
    [
      'EventBridge, as strings in a list',
      JSON.stringify(['{"detail-type":"x","detail":{"findings":[FINDING,FINDING]}}']),
    ],
    ['an answer of Security Hub', '{"Findings":[FINDING,FINDING],"NextToken":"x"}'],
    ['an answer of the Azure API', '{"value":[FINDING,FINDING],"nextLink":"x"}'],
  ])('findings in %s', (_name, text) => {
    const findings: Readonly<Record<string, unknown>>[] = [
      { findingArn: 'arn:aws:inspector2:x' },
      { type: 'Microsoft.Security/assessments' },
    ];
    for (const finding of findings) {
      const written = JSON.stringify(finding);
      const body = text.startsWith('[') ? written.replaceAll('"', '\\"') : written;
      expect(records(text.replaceAll('FINDING', body))).toEqual([finding, finding]);
    }
  });

  it('lists of anything else within an object as what they are', () => {
    expect(records('{"findings":[{"a":1}],"data":[]}')).toEqual([{ findings: [{ a: 1 }], data: [] }]);
    expect(records('{"findings":[{"findingArn":"arn:x"},7]}')).toEqual([
      { findingArn: 'arn:x' },
      'a record must be a JSON object, found a number',
    ]);
  });

  it('a single object, and an empty list as no records', () => {
    expect(records('{"a":1}')).toEqual([{ a: 1 }]);
    expect(records('{"records":[]}')).toEqual([]);
  });

  it('100,000 records in one body', () => {
    expect(decode(bytes(`{"records":[${'{"a":1},'.repeat(99_999)}{"a":1}]}`))).toHaveLength(100_000);
  });

  it('names that objects inherit, without harm', () => {
    expect(records('{"__proto__":{"records":[1]},"constructor":{"name":"x"}}')).toHaveLength(1);
    expect(Object.prototype).not.toHaveProperty('records');
  });
});

describe('decode rejects one record and keeps its neighbours', () => {
  it('what is no object', () => {
    expect(records('{"records":[{"a":1},7,null,"text",{"a":2}]}')).toEqual([
      { a: 1 },
      'a record must be a JSON object, found a number',
      'a record must be a JSON object, found null',
      expect.stringContaining('a string was found in place of a record'),
      { a: 2 },
    ]);
  });

  it('a record nested 10,000 deep', () => {
    const deep = '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000);
    expect(records(`[{"a":1},${deep},{"a":2}]`)).toEqual([
      { a: 1 },
      'the record is nested more than 100 deep',
      { a: 2 },
    ]);
  });

  it('a line that is no JSON', () => {
    expect(records('{"a":1}\n{"a":\n{"a":2}')).toEqual([{ a: 1 }, expect.stringContaining('cut off'), { a: 2 }]);
  });

  it('text after the end of a value', () => {
    expect(records('{"records":[{"a":1},{"a":2}]} trailing')).toEqual([
      { a: 1 },
      { a: 2 },
      expect.stringContaining('not JSON'),
    ]);
    expect(records('{\n"a":1\n}\n{\n"a":')).toEqual([{ a: 1 }, expect.stringContaining('cut off')]);
    expect(records('{"a":1} trailing\n{"a":2}')).toEqual([expect.stringContaining('more text follows'), { a: 2 }]);
  });

  it('a list in a pretty-printed value is not taken for a line', () => {
    expect(records('{\n"a": [\n[],\n{}\n]\n}\n{\n"a": 2\n}')).toEqual([{ a: [[], {}] }, { a: 2 }]);
  });

  it('envelopes in envelopes without end', () => {
    const nested = '['.repeat(10_000) + ']'.repeat(10_000);
    expect(records(`[${nested},{"a":1}]`)).toEqual([expect.stringContaining('envelopes'), { a: 1 }]);
  });
});

describe('decode rejects a body by name', () => {
  it.each([
    ['the body is empty', new Uint8Array()],
    ['the body is empty', bytes(' \n ')],
    ['not text in UTF-8', Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d)],
    ['cut off before its end', bytes('{"records":[{"a":1},{"a')],
    ['single quotes', bytes("{'appName':'billing','level':'Information'}")],
    ['raw line break', bytes('{"message":"first\nsecond"}')],
    ['neither an object', bytes('hello')],
    ['damaged or cut off', gzipSync('{"a":1}').subarray(0, 12)],
  ])('%s', (reason, body) => {
    expect(rejection(body)).toContain(reason);
  });

  it('a gzip bomb, before it is unpacked whole', () => {
    expect(rejection(gzipSync(new Uint8Array(65 * 1024 * 1024)))).toContain('unpacks to more than');
  });
});
