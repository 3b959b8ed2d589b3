import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liesWithin, parsePrefix, prefixText, type IpPrefix } from '../../../platform/ip-prefix.ts';
import { PrefixTable } from './prefix-table.ts';

const prefixOf = (text: string): IpPrefix => {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`${text} is no network`);
  return prefix;
};
const tableOf = (...networks: readonly string[]): PrefixTable<string> => {
  const table = new PrefixTable<string>();
  for (const text of networks) table.set(prefixOf(text), text);
  return table;
};

describe('PrefixTable', () => {
  const table = tableOf('203.0.113.0/24', '203.0.113.7', '198.51.100.0/22', '2001:db8::/32', '0.0.0.0/0');

  it.each([
    ['203.0.113.7', ['203.0.113.7', '203.0.113.0/24', '0.0.0.0/0']],
    ['203.0.113.8', ['203.0.113.0/24', '0.0.0.0/0']],
    ['198.51.103.255', ['198.51.100.0/22', '0.0.0.0/0']],
    ['::ffff:203.0.113.8', ['203.0.113.0/24', '0.0.0.0/0']],
    ['2001:db8:ffff::1', ['2001:db8::/32']],
    ['2001:db9::1', []],
    ['contoso.example', []],
  ])('finds what holds %s, the smallest first', (address, networks) => {
    expect(table.matches(address).map(({ value }) => value)).toEqual(networks);
  });

  it('has each network once', () => {
    expect(table.size).toBe(5);
    expect(tableOf('203.0.113.0/24', '203.0.113.9/24').size).toBe(1);
  });

  it('names its networks as they were given, and holds them', () => {
    const network = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
      fc.tuple(fc.ipV6(), fc.integer({ min: 96, max: 128 })),
    );
    fc.assert(
      fc.property(fc.array(network, { maxLength: 20 }), network, (networks, [address, length]) => {
        const prefixes = networks.map(([text, bits]) => prefixOf(`${text}/${bits}`));
        const all = tableOf(...prefixes.map(prefixText));
        expect([...all.prefixes()].map(prefixText).sort()).toEqual([...new Set(prefixes.map(prefixText))].sort());
        const one = prefixOf(`${address}/${length}`);
        expect(all.holds(one)).toBe(prefixes.some((prefix) => liesWithin(one, prefix)));
        const alone = prefixOf(address);
        const expected = prefixes.filter((prefix) => liesWithin(alone, prefix)).map(prefixText);
        expect(new Set(all.matches(address).map(({ prefix }) => prefixText(prefix)))).toEqual(new Set(expected));
      }),
    );
  });
});
