import { threatIntelSection } from '../../platform/configuration/threat-intel.ts';
import { AddressDatabase } from '../../pipeline/enrichment/network/address-database.ts';
import { mmdbOf } from '../../pipeline/enrichment/network/mmdb-samples.ts';
import { ProviderRanges } from '../../pipeline/enrichment/network/provider-ranges.ts';
import { IgnoredValues } from '../../pipeline/enrichment/threat-intel/ignored-values.ts';
import type { IndicatorTable } from '../../pipeline/enrichment/threat-intel/indicator-table.ts';
import { intelFeeds } from '../../pipeline/enrichment/threat-intel/intel-feed.ts';
import type { Event } from '../../pipeline/timeline/event.ts';

const INDICATORS = 100_000;
/** AWS, Google Cloud and Azure together. */
const RANGES = 60_000;

/** Addresses all over the internet, the same for the same number. */
export const benchAddress = (at: number): string =>
  [((at >> 16) % 100) + 20, (at >> 8) & 255, at & 255, (at * 7) & 255].join('.');

/** A list of 100,000 addresses and domains, half and half. */
export function benchIndicators(): IndicatorTable {
  const rows = Array.from({ length: INDICATORS }, (_, at) =>
    at % 2 === 0 ? benchAddress(at * 61) : `host-${at}.fabrikam.example`,
  );
  const settings = threatIntelSection.parse({ sources: [{ name: 'bench', file: 'bench.txt' }] });
  const [feed] = intelFeeds(settings, new IgnoredValues([]));
  if (feed === undefined) throw new Error('no feed');
  return feed.parse(new TextEncoder().encode(rows.join('\n')));
}

/** As many ranges as three clouds publish together. */
export const benchRanges = (): ProviderRanges =>
  new ProviderRanges(
    Array.from({ length: RANGES }, (_, at) => ({
      cidr: `${benchAddress(at * 131)}/${16 + (at % 17)}`,
      name: `Cloud service-${at % 300} region-${at % 40}`,
    })),
    'bench',
  );

/** A database that places every second address. */
export const benchDatabase = (): AddressDatabase =>
  new AddressDatabase(
    mmdbOf({ '0.0.0.0/2': { country: { iso_code: 'SE' }, location: { latitude: 59.33, longitude: 18.07 } } }, 'bench'),
  );

/** A call from an address. */
export const benchEvent = (ip: string): Event => ({
  id: `cloudtrail/${ip}`,
  source: 'cloudtrail',
  recordId: ip,
  time: Date.UTC(2026, 10, 1),
  principal: 'aws:arn:aws:iam::111122223333:user/alex',
  entities: [
    { kind: 'user', key: 'aws:arn:aws:iam::111122223333:user/alex', part: 'actor' },
    { kind: 'user', key: 'upn:alex@contoso.example', part: 'actor' },
    { kind: 'ip', key: `ip:${ip}`, part: 'origin' },
  ],
  ocsf: {
    ...{ category_uid: 6, class_uid: 6003, activity_id: 2, type_uid: 600302, severity_id: 1, time: 0 },
    metadata: { version: '1.8.0', product: { name: 'CloudTrail', vendor_name: 'AWS' } },
    actor: { user: { uid: 'AIDAEXAMPLE00000001' } },
    api: { operation: 'GetObject' },
    src_endpoint: { ip },
    cloud: { provider: 'AWS' },
  },
});
