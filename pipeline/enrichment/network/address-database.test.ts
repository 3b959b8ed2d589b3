import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { FeedError } from '../feed-error.ts';
import { AddressDatabase, openAddressDatabase } from './address-database.ts';
import { MARKER, mmdbOf } from './mmdb-samples.ts';

/** As MaxMind and DB-IP write cities. */
const CITY = {
  '203.0.113.0/24': {
    city: { geoname_id: 1, names: { de: 'Beispielstadt', en: 'Exampleton' } },
    continent: { code: 'EU', names: { en: 'Europe' } },
    country: { geoname_id: 2, iso_code: 'SE', names: { en: 'Sweden' } },
    location: { accuracy_radius: 20, latitude: 59.33, longitude: -18.07, time_zone: 'Europe/Stockholm' },
  },
  '198.51.100.0/25': { registered_country: { iso_code: 'NO' }, traits: { is_anycast: true } },
  '2001:db8::/32': { country: { iso_code: 'FI' } },
  '192.0.2.0/24': {
    city: { names: {} },
    location: { latitude: 900, longitude: 'east' },
    country: { iso_code: 'nowhere' },
  },
};
const database = new AddressDatabase(mmdbOf(CITY, 'GeoLite2-City'));

const folder = await mkdtemp(join(tmpdir(), 'crosstrail-addresses-'));
afterAll(() => rm(folder, { recursive: true }));

describe('AddressDatabase', () => {
  it.each([
    ['203.0.113.77', { country: 'SE', city: 'Exampleton', latitude: 59.33, longitude: -18.07 }],
    ['198.51.100.1', { country: 'NO' }],
    ['2001:db8:1::1', { country: 'FI' }],
    ['198.51.100.129', undefined],
    ['192.0.2.1', undefined],
    ['no address', undefined],
    ['', undefined],
  ])('knows of %s', (address, context) => {
    expect(database.of(address)).toEqual(context);
  });

  it('says what it is', () => {
    expect([database.type, database.built]).toEqual(['GeoLite2-City', Date.UTC(2026, 10, 1)]);
  });

  it.each([
    ['GeoLite2-ASN', { autonomous_system_number: 64_496, autonomous_system_organization: 'Contoso Networks' }],
    ['ipinfo lite', { asn: 'AS64496', as_name: 'Contoso Networks', country: 'Sweden', country_code: 'SE' }],
    ['ipinfo location', { city: 'Exampleton', country: 'SE', lat: '59.33', lng: '-18.07', region: 'x' }],
    ['dbip-city flat', { country_code: 'SE', city: 'Exampleton', latitude: 59.33, longitude: -18.07 }],
  ])('reads what %s calls things', (type, record) => {
    const { country, city, latitude, longitude, asn, organization } =
      new AddressDatabase(mmdbOf({ '203.0.113.0/24': record }, type)).of('203.0.113.1') ?? {};
    expect([country ?? 'SE', city ?? 'Exampleton', latitude ?? 59.33, longitude ?? -18.07]).toEqual([
      'SE',
      'Exampleton',
      59.33,
      -18.07,
    ]);
    expect([asn ?? 64_496, organization ?? 'Contoso Networks']).toEqual([64_496, 'Contoso Networks']);
    expect(asn !== undefined || latitude !== undefined).toBe(true);
  });

  it('of IPv4 alone knows nothing of IPv6', () => {
    const old = new AddressDatabase(mmdbOf({ '203.0.113.0/24': { country: { iso_code: 'SE' } } }, 'x', 4));
    expect(old.of('203.0.113.1')).toEqual({ country: 'SE' });
    expect(old.of('2001:db8::1')).toBeUndefined();
  });

  it('is opened from a file, and a file that is none is named', async () => {
    const file = join(folder, 'city.mmdb');
    await writeFile(file, mmdbOf(CITY, 'GeoLite2-City'));
    expect((await openAddressDatabase(file)).of('203.0.113.1')?.country).toBe('SE');
    await writeFile(file, '<html>sign in to download</html>');
    await expect(openAddressDatabase(file)).rejects.toThrow(/^city\.mmdb: not a database/);
    await expect(openAddressDatabase(join(folder, 'none.mmdb'))).rejects.toThrow(/none\.mmdb cannot be read: ENOENT/);
  });

  it('that is cut off or damaged is refused or knows less, and costs nothing else', () => {
    const whole = mmdbOf(CITY, 'GeoLite2-City');
    expect(() => new AddressDatabase(whole.subarray(0, whole.length / 2))).toThrow(FeedError);
    expect(() => new AddressDatabase(new Uint8Array())).toThrow(FeedError);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(whole);
        damaged[at] = byte;
        try {
          const { country } = new AddressDatabase(damaged).of('203.0.113.77') ?? {};
          expect(country === undefined || /^[A-Z]{2}$/.test(country)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(FeedError);
        }
      }),
      { numRuns: 300 },
    );
  });

  const emptyList = (size: number): number[] => [0x1f, 4, ...[16, 8, 0].map((bits) => ((size - 65_821) >> bits) & 255)];
  const pointer = (place: number): number[] => [0x20 | (place >> 8), place & 255];
  const hostile: readonly [string, readonly number[]][] = [
    [
      'points to one value from two, forty times over',
      Array.from({ length: 40 }, (_, at) => [2, 4, ...pointer((at + 1) * 6), ...pointer((at + 1) * 6)]).flat(),
    ],
    ['claims lists of millions, one within the other', Array.from({ length: 60 }, () => emptyList(16_000_000)).flat()],
    ['points to itself', [0xe1, 0x41, 0x61, ...pointer(0)]],
  ];

  it.each(hostile)('whose record %s knows nothing of its addresses, and soon', (_what, bytes) => {
    const database = new AddressDatabase(
      mmdbOf(
        { '203.0.113.0/25': new Uint8Array([...bytes, 0x41, 0x61]), '203.0.113.128/25': CITY['203.0.113.0/24'] },
        'x',
      ),
    );
    const started = performance.now();
    expect(database.of('203.0.113.1')).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(1000);
    expect(database.of('203.0.113.129')?.country).toBe('SE');
  });

  it.each(hostile)('whose description %s is refused', (_what, bytes) => {
    const file = Buffer.concat([mmdbOf(CITY, 'x'), MARKER, Buffer.from(bytes)]);
    expect(() => new AddressDatabase(file)).toThrow(FeedError);
  });
});
