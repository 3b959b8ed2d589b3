import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prefixText } from '../../../platform/ip-prefix.ts';
import { address, plan, question } from './guard-samples.ts';
import { neverNetwork } from './never-network.ts';
import { PROTECTED_NETWORKS } from './protected-networks.ts';
import { wideNetwork } from './wide-network.ts';

const saysOf = (value: string, yaml = '', ownEgress: readonly string[] = []) =>
  neverNetwork.ask(question(plan(address(value)), yaml, { ownEgress }))?.says;

describe('networks that are never blocked', () => {
  it.each([
    ...['10.0.0.5', '172.31.255.255/32', '192.168.1.0/24', '100.64.0.1', '127.0.0.1', '169.254.169.254', '224.0.0.1'],
    ...[
      '0.0.0.0',
      '255.255.255.255',
      '168.63.129.16',
      '35.191.0.1',
      'fd00:ec2::254',
      '::1',
      '::',
      'fe80::1',
      'ff02::1',
    ],
    ...['0.0.0.0/0', '::/0', '::/96', '168.0.0.0/8', 'fc00::/6', '2000::/1', '160.0.0.0/3'],
    ...[
      '::ffff:10.0.0.5',
      '::ffff:a00:5',
      '::ffff:0:0/96',
      '::ffff:10.0.0.0/104',
      '0:0:0:0:0:ffff:7f00:1',
      '::10.0.0.5',
      '::ffff:0:10.0.0.5',
    ],
    ...['64:ff9b::10.0.0.5', '64:ff9b::/96', '64:ff9b:1::1', '2002:a00:5::1', '2002::/16', '2002:a83f:8110::/48'],
    ...[
      'fe80::1%eth0',
      'FE80::1',
      '010.0.0.5',
      '10.1',
      '0x0a000005',
      '10.0.0.5 ',
      '10.0.0.5/33',
      '10.0.0.5/-1',
      '１０.0.0.5',
    ],
    ...[
      '',
      '*',
      'localhost',
      'Internet',
      'AzureLoadBalancer',
      '198.51.100.23,10.0.0.5',
      '198.51.100.23/32/8',
      '::ffff:10.0.0.5/80',
    ],
  ])('%s', (value) => {
    expect(saysOf(value)).toBe('refuse');
  });

  it.each([
    ...['198.51.100.23', '198.51.100.0/24', '203.0.113.7/32', '192.0.2.1', '2001:db8::1', '2001:db8::/32'],
    ...['168.63.129.15', '168.63.129.17', '9.255.255.255', '11.0.0.0/8', '2002:c633:6417::1', '64:ff9b::198.51.100.23'],
    ...['::ffff:198.51.100.23', '2600:1f14::1', 'fbff::1'],
  ])('not %s', (value) => {
    expect(saysOf(value)).toBeUndefined();
  });

  it('says what it is and that nobody can override it', () => {
    expect(neverNetwork.ask(question(plan(address('168.63.129.16'))))?.reason).toBe(
      '168.63.129.16 is or contains Azure’s platform: name resolution, the agent of machines and health probes of load balancers. It cannot be overridden.',
    );
  });

  it('says what an address is as it is written, before what it embeds', () => {
    expect(neverNetwork.ask(question(plan(address('::1'))))?.reason).toContain('is or contains the machine itself');
  });

  it('one’s own egress, and what the configuration names', () => {
    expect(saysOf('203.0.113.9', '', ['203.0.113.0/28'])).toBe('refuse');
    expect(saysOf('203.0.113.0/24', '', ['203.0.113.9/32'])).toBe('refuse');
    expect(saysOf('203.0.113.99', '', ['203.0.113.0/28'])).toBeUndefined();
    const yaml = 'guards:\n  neverNetworks: [198.51.100.0/28]';
    expect(saysOf('198.51.100.9', yaml)).toBe('refuse');
    expect(saysOf('2002:c633:6409::/48', yaml)).toBe('refuse');
    expect(saysOf('198.51.100.23', yaml)).toBeUndefined();
  });

  it('anything, where a network of one’s own cannot be read', () => {
    expect(neverNetwork.ask(question(plan(address('198.51.100.23')), '', { ownEgress: ['office'] }))).toMatchObject({
      says: 'refuse',
      reason: expect.stringContaining('‘office’') as string,
    });
  });

  it('where one address of several is', () => {
    expect(neverNetwork.ask(question(plan(address('198.51.100.23'), address('10.0.0.5'))))?.says).toBe('refuse');
  });
});

/** An address of a protected network, as 32-bit words, and the network that the first bits of it are. */
const protectedAddress = fc
  .tuple(fc.constantFrom(...PROTECTED_NETWORKS), fc.array(fc.integer(), { minLength: 4, maxLength: 4 }), fc.nat(128))
  .map(([{ network }, random, wider]) => {
    const words = network.words.map((word, at) => {
      const bits = Math.max(0, Math.min(32, network.length - at * 32));
      const mask = bits === 0 ? 0 : -1 << (32 - bits);
      return (word & mask) | ((random[at] ?? 0) & ~mask);
    });
    const length = words.length * 32;
    return { ...network, words, length, wider: Math.min(wider, length) };
  });

/** The ways in which people and attackers write an IPv4 address. */
const spelt = fc.constantFrom<((dotted: string, hex: string) => string)[]>(
  (dotted) => dotted,
  (dotted) => `${dotted}/32`,
  (dotted) => `::ffff:${dotted}`,
  (dotted) => `::FFFF:${dotted}/128`,
  (_, hex) => `::ffff:${hex}`,
  (_, hex) => `0000:0000:0000:0000:0000:ffff:${hex}`,
  (dotted) => `::${dotted}`,
  (dotted) => `64:ff9b::${dotted}`,
  (_, hex) => `2002:${hex}::1`,
  (_, hex) => `2002:${hex}::/48`,
  (dotted) => ` ${dotted}`,
  (dotted) => `${dotted}\n`,
  (dotted) => dotted.replaceAll('.', '。'),
);

describe('however it is written', () => {
  it('no protected address passes, nor a network that contains one', () => {
    fc.assert(
      fc.property(protectedAddress, spelt, ({ wider, ...each }, spell) => {
        const text = prefixText(each);
        expect(saysOf(text)).toBe('refuse');
        expect(saysOf(`${text}/${wider}`)).toBe('refuse');
        if (each.version === 6) return;
        const [word = 0] = each.words;
        const hex = `${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
        expect(saysOf(spell(text, hex))).toBe('refuse');
      }),
    );
  });

  it('no text that is no address passes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789abcdef.:/%xX '.split('')) })),
        (text) => {
          const says = saysOf(text);
          if (!/^[0-9a-f.:]+(\/\d+)?$/i.test(text)) expect(says).toBe('refuse');
        },
      ),
    );
  });
});

describe('wide networks', () => {
  it.each([
    ['198.51.0.0/16', 'ask'],
    ['198.51.100.0/23', 'ask'],
    ['198.51.100.0/24', undefined],
    ['198.51.100.23', undefined],
    ['2001:db8::/47', 'ask'],
    ['2001:db8::/48', undefined],
  ])('%s: %s', (value, says) => {
    expect(wideNetwork.ask(question(plan(address(value))))?.says).toBe(says);
  });
});
