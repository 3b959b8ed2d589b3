import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrefix } from '../../../platform/ip-prefix.ts';
import { IgnoredValues } from './ignored-values.ts';
import type { IndicatorTable } from './indicator-table.ts';
import { readIndicatorValue } from './indicator-value.ts';
import { sourceSettings } from './intel-samples.ts';
import { TableBuilder } from './table-builder.ts';
import { ThreatIntel } from './threat-intel.ts';

const TIME = Date.UTC(2026, 10, 10);
const DAY = 86_400_000;

function tableOf(name: string, values: readonly string[], until?: number, from?: number): IndicatorTable {
  const builder = new TableBuilder(sourceSettings({ name, file: 'x' }), new IgnoredValues([]));
  const detail = { labels: [], validFrom: from, validUntil: until };
  for (const value of values) builder.addText(value, detail);
  return builder.build('');
}
const hitsOf = (intel: ThreatIntel, ...keys: string[]): string[] =>
  intel.hits(keys, TIME).map(({ key, indicator }) => `${key} ${indicator.id}`);

describe('ThreatIntel', () => {
  const intel = new ThreatIntel([
    { table: tableOf('a', ['203.0.113.7', '203.0.113.0/24', 'fabrikam.example', '2001:db8::/48']) },
    { table: tableOf('b', ['203.0.113.7', 'kit.fabrikam.example']) },
  ]);

  it('finds entities that are or lie within what sources name', () => {
    expect(hitsOf(intel, 'ip:203.0.113.7')).toEqual([
      'ip:203.0.113.7 a/203.0.113.7',
      'ip:203.0.113.7 a/203.0.113.0/24',
      'ip:203.0.113.7 b/203.0.113.7',
    ]);
    expect(hitsOf(intel, 'ip:203.0.113.8', 'ip:203.0.113.8')).toEqual(['ip:203.0.113.8 a/203.0.113.0/24']);
    expect(hitsOf(intel, 'ip:2001:db8:0:5::1')).toEqual(['ip:2001:db8:0:5::1 a/2001:db8::/48']);
    expect(hitsOf(intel, 'domain:login.kit.fabrikam.example')).toEqual([
      'domain:login.kit.fabrikam.example a/fabrikam.example',
      'domain:login.kit.fabrikam.example b/kit.fabrikam.example',
    ]);
  });

  it.each([
    'ip:198.51.100.1',
    'ip:2001:db8:1::1',
    'ip:',
    'ip:x',
    'domain:example',
    'domain:notfabrikam.example',
    'domain:',
    'upn:fabrikam.example',
    '',
  ])('finds nothing of %j', (key) => {
    expect(hitsOf(intel, key)).toEqual([]);
  });

  it('finds names of other letters than ASCII, however either side writes them', () => {
    const named = new ThreatIntel([{ table: tableOf('a', ['bücher.example', 'xn--mnchen-3ya.example']) }]);
    for (const domain of ['bücher.example', 'BÜCHER.example.', 'www.xn--bcher-kva.example', 'ＢＵ\u0308cher.example'])
      expect(named.ofDomain(domain).map(({ value }) => value)).toEqual(['xn--bcher-kva.example']);
    expect(named.ofDomain('münchen.example')).toHaveLength(1);
    expect(named.ofDomain('bucher.example')).toEqual([]);
    const own = new ThreatIntel(
      [{ table: tableOf('a', ['xn--bcher-kva.example']) }],
      new IgnoredValues(['bücher.example']),
    );
    expect(own.ofDomain('bücher.example')).toEqual([]);
  });

  it('counts what is valid at the time of the event', () => {
    const at = (from: number | undefined, until: number | undefined): number =>
      new ThreatIntel([{ table: tableOf('a', ['203.0.113.7'], until, from) }]).hits(['ip:203.0.113.7'], TIME).length;
    expect(at(undefined, undefined)).toBe(1);
    expect(at(TIME, TIME + 1)).toBe(1);
    expect(at(TIME + 7 * DAY, undefined)).toBe(1);
    expect(at(TIME + 7 * DAY + 1, undefined)).toBe(0);
    expect(at(undefined, TIME)).toBe(0);
  });

  it('lets what says no end expire after its source last said it', () => {
    const at = (confirmed: number, until?: number): number | undefined => {
      const sources = [{ table: tableOf('a', ['203.0.113.7'], until), confirmed }];
      return new ThreatIntel(sources).hits(['ip:203.0.113.7'], TIME)[0]?.indicator.validUntil;
    };
    expect(at(TIME - 29 * DAY)).toBe(TIME + DAY);
    expect(at(TIME - 31 * DAY)).toBeUndefined();
    expect(at(TIME - 31 * DAY, TIME + 5)).toBe(TIME + 5);
  });

  it('never holds one’s own to be an attacker’s, though it lies within what is', () => {
    const sources = [{ table: tableOf('a', ['203.0.113.0/24', 'fabrikam.example']) }];
    const own = new ThreatIntel(sources, new IgnoredValues(['203.0.113.64/26', 'portal.fabrikam.example']));
    expect(hitsOf(own, 'ip:203.0.113.65', 'domain:a.portal.fabrikam.example')).toEqual([]);
    expect(hitsOf(own, 'ip:203.0.113.63', 'domain:a.fabrikam.example')).toHaveLength(2);
  });

  it('agrees with looking at every indicator', () => {
    const domain = fc.constantFrom('a.example', 'b.a.example', 'c.b.a.example', 'ba.example', 'd.example');
    const address = fc.tuple(
      fc.constantFrom('203.0.113.', '203.0.114.', '198.51.100.'),
      fc.integer({ min: 0, max: 9 }),
    );
    const network = fc.tuple(address, fc.integer({ min: 24, max: 32 }));
    const values = fc.array(
      fc.oneof(
        domain,
        network.map(([[head, tail], length]) => `${head}${tail}/${length}`),
      ),
    );
    fc.assert(
      fc.property(values, address, domain, (all, [head, tail], name) => {
        const found = new ThreatIntel([{ table: tableOf('a', all) }]);
        const own = parsePrefix(`${head}${tail}`);
        const holding = new Set(
          all.flatMap((text) => {
            const value = readIndicatorValue(text);
            if (value?.kind === 'domain')
              return name === value.domain || name.endsWith(`.${value.domain}`) ? [value.domain] : [];
            const word =
              (value?.prefix.length ?? 0) === 0
                ? 0
                : (own?.words[0] ?? 0) & (-1 << (32 - (value?.prefix.length ?? 32)));
            return value !== undefined && word === value.prefix.words[0] ? [JSON.stringify(value.prefix)] : [];
          }),
        );
        expect(found.hits([`ip:${head}${tail}`, `domain:${name}`], TIME)).toHaveLength(holding.size);
      }),
    );
  });
});

describe('IgnoredValues', () => {
  it('names what it cannot read', () => {
    expect(() => new IgnoredValues(['not an address'])).toThrow('"not an address"');
  });
});
