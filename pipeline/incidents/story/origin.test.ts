import { expect, it } from 'vitest';
import { inOneNetwork, shownOrigin } from './origin.ts';

it('shows what is known', () => {
  expect(shownOrigin({ ip: '198.51.100.23', city: 'Oslo', country: 'NO', asn: 64_500 })).toBe(
    '198.51.100.23 (Oslo, NO, AS64500)',
  );
  expect(shownOrigin({ ip: '198.51.100.23' })).toBe('198.51.100.23');
  expect(shownOrigin({ country: 'NO' })).toBe('NO');
  expect(shownOrigin({ ip: '198.51.100.23', city: 'x) and Bob (y' })).toBe('198.51.100.23 (x? and Bob ?y)');
  expect(shownOrigin({ client: 'curl' })).toBeUndefined();
});

it.each([
  [
    'the same provider and country',
    { asn: 1, country: 'SE', ip: '203.0.113.1' },
    { asn: 1, country: 'SE', ip: '198.51.100.1' },
    true,
  ],
  ['another country', { asn: 1, country: 'SE' }, { asn: 1, country: 'NO' }, false],
  ['another provider', { asn: 1, country: 'SE' }, { asn: 2, country: 'SE' }, false],
  ['one range of IPv4', { ip: '203.0.113.1' }, { ip: '203.0.113.200' }, true],
  ['two ranges of IPv4', { ip: '203.0.113.1' }, { ip: '198.51.100.1' }, false],
  ['one range of IPv6', { ip: '2001:db8:1::1' }, { ip: '2001:db8:1:2::1' }, true],
  ['two ranges of IPv6', { ip: '2001:db8:1::1' }, { ip: '2001:db8:2::1' }, false],
  ['zeroes left out', { ip: '2001:db8::1' }, { ip: '2001:db8:0:7::1' }, true],
  [
    'the same country, and two ranges',
    { country: 'SE', ip: '203.0.113.1' },
    { country: 'SE', ip: '198.51.100.1' },
    false,
  ],
  ['nothing in common', { asn: 1 }, { country: 'SE' }, undefined],
])('%s', (_what, one, other, same) => {
  expect(inOneNetwork(one, other)).toBe(same);
  expect(inOneNetwork(other, one)).toBe(same);
});
