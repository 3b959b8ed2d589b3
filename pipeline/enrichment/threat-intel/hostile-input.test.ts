import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { FeedError } from '../feed-error.ts';
import { parseProviderRanges } from '../network/provider-ranges.ts';
import { publishedRanges } from '../network/range-samples.ts';
import { IgnoredValues } from './ignored-values.ts';
import { intelFeeds } from './intel-feed.ts';
import { bytesOf, sourceSettings, stixBundle, stixIndicator } from './intel-samples.ts';

const anyCharacter = fc.nat(0xffff).map((code) => String.fromCharCode(code));

const collection = JSON.stringify({
  format: 'taxii-collection',
  objects: [stixIndicator('01', "[ipv4-addr:value = '203.0.113.7']", { constructor: 'x' })],
});
const hostileKeys =
  '{"type":"indicator","id":"indicator--2","pattern":"[url:value = \'https://a.example/x\']","__proto__":{"revoked":true},"labels":{"length":3}}';

const kinds: readonly [string, JsonObject, string][] = [
  [
    'a list',
    { file: 'x.txt' },
    '# list\n203.0.113.7\nfabrikam.example ; x\n0.0.0.0 a.fabrikam.example\nhttps://b.example/c\n',
  ],
  ['CSV', { file: 'x.csv' }, 'ip,confidence,tags,expires\n203.0.113.7,80,"a,b",2026-12-01\n198.51.100.7,,,\n'],
  [
    'a bundle',
    { file: 'x.json' },
    stixBundle(stixIndicator('01', "[domain-name:value IN ('a.example')]")).replace(']}', `,${hostileKeys}]}`),
  ],
  ['a collection', { taxii: 'https://taxii.fabrikam.example/api1/collections/1/' }, collection],
];

/** A text in which one piece was replaced. */
const damaged = (text: string): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      fc.nat(text.length),
      fc.nat(20),
      fc.oneof(fc.string({ unit: anyCharacter }), fc.json(), fc.constantFrom('"', "'", '\n', '[', '}')),
    )
    .map(([at, length, piece]) => bytesOf(text.slice(0, at) + piece + text.slice(at + length)));

describe.each(kinds)('%s', (_, settings, text) => {
  const [feed] = intelFeeds({ sources: [sourceSettings(settings)], ignore: [] }, new IgnoredValues([]));

  it('that is damaged is read or refused, and nothing else', () => {
    expect(feed?.parse(bytesOf(text)).size).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.oneof(damaged(text), fc.uint8Array({ maxLength: 300 })), (bytes) => {
        try {
          for (const value of feed?.parse(bytes).values() ?? []) expect(value.length).toBeLessThan(300);
        } catch (error) {
          expect(error).toBeInstanceOf(FeedError);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe.each(['aws', 'gcp', 'azure'] as const)('the ranges of %s', (provider) => {
  it('that are damaged are read or refused, and nothing else', () => {
    fc.assert(
      fc.property(damaged(publishedRanges[provider]), (bytes) => {
        try {
          expect(parseProviderRanges(provider, bytes).size).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(FeedError);
        }
      }),
      { numRuns: 150 },
    );
  });
});

it('lists of many rows are counted, and held as far as is told', () => {
  const [feed] = intelFeeds(
    { sources: [sourceSettings({ file: 'x.txt', maxIndicators: 1000 })], ignore: [] },
    new IgnoredValues([]),
  );
  const rows = Array.from(
    { length: 300_000 },
    (_, at) => `${20 + (at % 100)}.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`,
  );
  const body = bytesOf(rows.join('\n'));
  const table = feed?.parse(body);
  expect([table?.size, table?.refused.get('too many')?.count]).toEqual([1000, 299_000]);
});

it.each([
  ['a list', 'x.txt', Array.from({ length: 20_000 }, (_, at) => `h${at}.fabrikam.example`).join('\n')],
  [
    'CSV',
    'x.csv',
    `ip,comment\n${Array.from({ length: 20_000 }, (_, at) => `h${at}.fabrikam.example,"what ""it"" is,\nand was, at some length: ${at}"`).join('\n')}`,
  ],
  [
    'a bundle',
    'x.json',
    stixBundle(
      ...Array.from({ length: 20_000 }, (_, at) =>
        stixIndicator(String(at), `[domain-name:value = 'h${at}.fabrikam.example']`),
      ),
    ),
  ],
])('%s of many is read in pieces, between which others have their turn', (_what, file, text) => {
  const settings = { sources: [sourceSettings({ file })], ignore: [] };
  const [feed] = intelFeeds(settings, new IgnoredValues([]));
  const pieces = feed?.pieces?.(bytesOf(text));
  let turns = 0;
  let piece = pieces?.next();
  for (; piece?.done === false; piece = pieces?.next()) turns += 1;
  expect(turns).toBeGreaterThan(3);
  expect(piece?.value?.size).toBe(20_000);
});
