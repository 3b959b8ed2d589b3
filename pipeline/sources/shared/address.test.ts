import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from './address.ts';

describe('parseAddress', () => {
  it.each([
    ['203.0.113.7', { ip: '203.0.113.7' }],
    ['203.0.113.7:51234', { ip: '203.0.113.7', port: 51234 }],
    ['2001:DB8:0:0::1', { ip: '2001:db8::1' }],
    ['[2001:db8::1]:443', { ip: '2001:db8::1', port: 443 }],
    ['[2001:db8::1]', { ip: '2001:db8::1' }],
    ['XX:2001:db8::1', { ip: '2001:db8::1' }],
    ['fe80::1%eth0', { ip: 'fe80::1' }],
    ['::ffff:203.0.113.7', { ip: '203.0.113.7' }],
    ['cloudtrail.amazonaws.com', { name: 'cloudtrail.amazonaws.com' }],
    ['AWS Internal', { name: 'AWS Internal' }],
    ['203.0.113.300', { name: '203.0.113.300' }],
  ])('reads %s', (text, expected) => {
    expect(parseAddress(text)).toEqual(expected);
  });

  it.each(['', '  ', '<null>', '-', null, undefined, 7, {}, []])('finds nothing in %j', (value) => {
    expect(parseAddress(value)).toEqual({});
  });

  it('gives canonical text, so that reading it again changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        const { ip } = parseAddress(text);
        if (ip === undefined) return;
        expect(isIP(ip)).not.toBe(0);
        expect(parseAddress(ip)).toEqual({ ip });
      }),
    );
  });

  it('takes no time over a hostile text', () => {
    const started = performance.now();
    expect(parseAddress(`ab:${':'.repeat(1_000_000)}x`).name).toHaveLength(255);
    expect(performance.now() - started).toBeLessThan(100);
  });
});
