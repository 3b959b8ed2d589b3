import { describe, expect, it } from 'vitest';
import { compileRanges, parseRange } from './address-ranges.ts';

describe('compileRanges', () => {
  const test = compileRanges(['203.0.113.0/24', '10.0.0.0/8', '2001:db8::/32', '::1/128']);

  it.each([
    '203.0.113.7',
    '10.255.0.1',
    '2001:DB8:0:1::9',
    '::1',
    ' 203.0.113.7 ',
    '::ffff:203.0.113.7',
    '2001:db8::1%eth0',
  ])('takes in %s', (address) => {
    expect(test(address)).toBe(true);
  });

  it.each([
    '203.0.114.7',
    '11.0.0.1',
    '2001:db9::1',
    '::2',
    '',
    'AWS Internal',
    '203.0.113.7:443',
    '203.0.113',
    '::ffff:192.0.2.1',
    '9'.repeat(1_000_000),
  ])('leaves out %s', (address) => {
    expect(test(address)).toBe(false);
  });
});

it('keeps the two kinds of addresses apart', () => {
  expect(compileRanges(['::/0'])('203.0.113.7')).toBe(false);
  expect(compileRanges(['::/0'])('2001:db8::1')).toBe(true);
  expect(compileRanges(['0.0.0.0/0'])('203.0.113.7')).toBe(true);
  expect(compileRanges(['0.0.0.0/0'])('2001:db8::1')).toBe(false);
});

describe('parseRange', () => {
  it('refuses what is no range', () => {
    for (const text of ['', '10.0.0.0', '10.0.0.0/33', '2001:db8::/129', '10.0.0/8', '10.0.0.0/', 'net/8', '*/8']) {
      expect(parseRange(text)).toBeUndefined();
    }
    expect(parseRange('10.0.0.0/32')).toEqual({ address: '10.0.0.0', prefix: 32, family: 'ipv4' });
  });
});
