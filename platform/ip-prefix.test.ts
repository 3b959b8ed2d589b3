import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liesWithin, parsePrefix, prefixText } from './ip-prefix.ts';

const textOf = (text: string): string | undefined => {
  const prefix = parsePrefix(text);
  return prefix && prefixText(prefix);
};
const cidr = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
  fc.tuple(
    fc.ipV6().filter((text) => !text.includes('.') && !/ffff/i.test(text)),
    fc.integer({ min: 0, max: 128 }),
  ),
);

describe('parsePrefix', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7/24', '203.0.113.0/24'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
    ['::/0', '::/0'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7/120', '203.0.113.0/24'],
  ])('reads %s', (text, expected) => {
    expect(textOf(text)).toBe(expected);
  });

  it.each([
    ...['', '/', '203.0.113.0/', '203.0.113.0/33', '203.0.113/24', '203.0.113.0/24/1', '203.0.113.0/-1'],
    ...['2001:db8::/129', '::ffff:203.0.113.7/90', 'contoso.example', '203.0.113.0/2a', '1'.repeat(100_000)],
  ])('takes %j for none', (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });

  it('gives canonical text, so that reading it again changes nothing', () => {
    fc.assert(
      fc.property(cidr, ([address, length]) => {
        const text = textOf(`${address}/${length}`) ?? '';
        expect(textOf(text)).toBe(text);
      }),
    );
  });
});

describe('liesWithin', () => {
  it('agrees with the block lists of Node', () => {
    fc.assert(
      fc.property(cidr, cidr, ([address], [network, length]) => {
        const family = network.includes(':') ? 'ipv6' : 'ipv4';
        const [inner, outer] = [parsePrefix(address), parsePrefix(`${network}/${length}`)];
        const list = new BlockList();
        list.addSubnet(network, length, family);
        const same = address.includes(':') === network.includes(':');
        expect(inner && outer && liesWithin(inner, outer)).toBe(same && list.check(address, family));
      }),
    );
  });

  it('compares networks', () => {
    const within = (inner: string, outer: string): boolean => {
      const [one, other] = [parsePrefix(inner), parsePrefix(outer)];
      return one !== undefined && other !== undefined && liesWithin(one, other);
    };
    expect(within('203.0.113.0/25', '203.0.113.0/24')).toBe(true);
    expect(within('203.0.113.0/24', '203.0.113.0/24')).toBe(true);
    expect(within('203.0.113.0/23', '203.0.113.0/24')).toBe(false);
    expect(within('2001:db8:1::/48', '2001:db8::/32')).toBe(true);
    expect(within('203.0.113.0/24', '::/0')).toBe(false);
  });
});
