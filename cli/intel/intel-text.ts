import type { IntelStatus } from '../../pipeline/enrichment/threat-intel/intel-status.ts';
import { validityAt, type Validity } from '../../pipeline/enrichment/threat-intel/threat-intel.ts';
import type { AddressContext, Indicator } from '../../pipeline/timeline/context.ts';
import { printable, shownTime, styled, table } from '../terminal.ts';

/** What is known of an address or a domain. */
export interface Lookup {
  readonly value: string;
  readonly context: AddressContext | undefined;
  readonly indicators: readonly Indicator[];
}

const STYLES = { current: 'red', expired: 'dim', 'not yet valid': 'dim' } as const satisfies Record<Validity, string>;

/** What is known of a value, for people. @param now milliseconds since 1970-01-01T00:00:00Z */
export function lookupText({ value, context, indicators }: Lookup, now: number): string {
  const lines = [styled('bold', printable(value)), ...contextLines(context)];
  if (indicators.length === 0) return [...lines, '  no source names it'].join('\n');
  const rows = table(indicators, [
    { title: 'SOURCE', cell: ({ source }) => source },
    { title: 'INDICATOR', cell: (indicator) => indicator.value, max: 80 },
    {
      title: 'VALIDITY',
      cell: (indicator) => validityAt(indicator, now),
      style: (indicator, text) => styled(STYLES[validityAt(indicator, now)], text),
    },
    { title: 'UNTIL (UTC)', cell: ({ validUntil }) => (validUntil === undefined ? '' : shownTime(validUntil)) },
    { title: 'CONFIDENCE', cell: ({ confidence }) => String(confidence ?? ''), right: true },
    { title: 'LABELS', cell: ({ labels }) => labels.join(', '), max: 60 },
    { title: 'DESCRIPTION', cell: ({ description }) => description ?? '', max: 120 },
  ]);
  return [...lines, rows].join('\n');
}

function contextLines(context: AddressContext | undefined): string[] {
  if (context === undefined) return [];
  const { own, country, city, latitude, longitude, asn, organization, provider } = context;
  const degrees = latitude === undefined || longitude === undefined ? undefined : `(${latitude}, ${longitude})`;
  const system = [asn === undefined ? undefined : `AS${asn}`, organization];
  const facts: [string, string][] = [
    ['place', [city, country, degrees].filter((part) => part !== undefined).join(', ')],
    ['network', system.filter((part) => part !== undefined).join(' ')],
    ['cloud', provider ?? ''],
    ['own', own === true ? 'one’s own, by correlation.networks: never an attacker’s' : ''],
  ];
  return facts.flatMap(([name, fact]) => (fact === '' ? [] : [`  ${name.padEnd(8)} ${printable(fact)}`]));
}

/** What is known of a value, for programs. */
export const lookupLine = ({ value, context, indicators }: Lookup, now: number): object => ({
  type: 'lookup',
  value,
  context: context ?? {},
  indicators: indicators.map(({ validFrom, validUntil, ...indicator }) => ({
    ...indicator,
    validity: validityAt({ ...indicator, validFrom, validUntil }, now),
    ...(validFrom !== undefined && { validFrom: new Date(validFrom).toISOString() }),
    ...(validUntil !== undefined && { validUntil: new Date(validUntil).toISOString() }),
  })),
});

/** How sources stand, for people. */
export function statusText(statuses: readonly IntelStatus[]): string {
  if (statuses.length === 0) return 'no source of indicators is configured: name some under threatIntel.sources';
  const rows = table(statuses, [
    { title: 'SOURCE', cell: nameOf },
    { title: 'STATE', cell: ({ state }) => state, style: ({ state }, text) => styled(STATES[state], text) },
    { title: 'INDICATORS', cell: ({ source }) => String(source?.table.size ?? ''), right: true },
    {
      title: 'REFUSED',
      cell: (status) => String(refusedOf(status).reduce((sum, { count }) => sum + count, 0)),
      right: true,
    },
    { title: 'CONFIRMED (UTC)', cell: ({ source }) => timeText(source?.confirmed) },
    { title: 'LAST LOOK (UTC)', cell: ({ check }) => timeText(check?.at) },
    { title: 'PROBLEM', cell: ({ problem }) => problem ?? '', max: 200 },
  ]);
  const refused = statuses.flatMap((status) =>
    refusedOf(status).map(({ reason, count, examples }) =>
      printable(`  ${nameOf(status)}: ${count} ${reason}, such as ${examples.slice(0, 3).join(', ')}`),
    ),
  );
  return [rows, ...(refused.length === 0 ? [] : ['', 'refused as indicators:', ...refused])].join('\n');
}

const STATES = { current: 'green', file: 'green', stale: 'yellow', missing: 'yellow', damaged: 'red' } as const;

/** How a source stands, for programs. Times are in ISO 8601. */
export const statusLine = (status: IntelStatus): object => {
  const { state, problem, source, check } = status;
  return {
    type: 'source',
    name: nameOf(status),
    state,
    indicators: source?.table.size,
    refused: refusedOf(status),
    confirmed: source?.confirmed === undefined ? undefined : new Date(source.confirmed).toISOString(),
    lastLook: check === undefined ? undefined : new Date(check.at).toISOString(),
    problem,
  };
};

const nameOf = ({ id }: IntelStatus): string => id.slice('intel/'.length);
const timeText = (time: number | undefined): string => (time === undefined ? '' : shownTime(time));

const refusedOf = ({ source }: IntelStatus): { reason: string; count: number; examples: readonly string[] }[] =>
  [...(source?.table.refused ?? [])].map(([reason, refused]) => ({ reason, ...refused }));
