import type { AddressContext, Indicator } from '../timeline/context.ts';
import { MAX_ENTITIES, type Entity } from '../timeline/entity.ts';
import { domainKey } from '../timeline/entity-keys.ts';
import type { Event } from '../timeline/event.ts';
import type { VulnerabilityContext } from '../timeline/finding.ts';
import type { Enrichment, NetworkEndpoint, OcsfEvent } from '../timeline/ocsf/types.ts';
import type { NetworkContext } from './network/network-context.ts';
import { validityAt, type ThreatIntel } from './threat-intel/threat-intel.ts';

/** What is known beside the logs that events are given when they are read. Immutable: what is known anew is another. */
export interface EventKnowledge {
  readonly intel: ThreatIntel;
  readonly network: NetworkContext;
  /** What feeds say of a vulnerability. @param cve its CVE id, upper case */
  readonly vulnerability: (cve: string) => VulnerabilityContext;
}

/** What is known of an address. */
interface AddressFacts {
  readonly context: AddressContext | undefined;
  readonly indicators: readonly Indicator[];
}

/** What was looked up before: the same addresses and names come again and again. */
interface Memory {
  readonly addresses: Map<string, AddressFacts>;
  readonly domains: Map<string, readonly Indicator[]>;
}

/** So many addresses, and so many domains, are remembered. */
const MOST_REMEMBERED = 20_000;
/** An event is given no more than this. */
const MOST_ENRICHMENTS = 40;

const memories = new WeakMap<EventKnowledge, Memory>();

/**
 * The event with what is known of what it names, as OCSF enrichments: indicators of its addresses and domains, networks of its addresses,
 * what feeds say of its vulnerabilities. Where the record does not say where its source is and whose, and that is known, the source is
 * given it. Domains become entities where there is an indicator of them.
 * The same event and knowledge always give the same; the same event itself where nothing is known. Never throws.
 */
export function enrichEvent<T extends Event>(event: T, knowledge: EventKnowledge): T {
  const memory = memoryOf(knowledge);
  const source = sourceOf(event.ocsf);
  const enrichments: Enrichment[] = [];
  const domains = new Map<string, string>();
  const noteDomain = (domain: string | undefined, name: string): void => {
    if (domain !== undefined && !domains.has(domain)) domains.set(domain, name);
  };
  noteDomain(source?.domain, 'src_endpoint.domain');
  noteDomain(source?.hostname, 'src_endpoint.hostname');
  for (const { kind, key } of event.entities) {
    if (kind === 'ip') {
      const address = key.slice('ip:'.length);
      const name = address === source?.ip ? 'src_endpoint.ip' : 'ip';
      enrichments.push(...addressEnrichments(name, address, factsOf(address, knowledge, memory), event.time));
    } else if (kind === 'vulnerability') {
      enrichments.push(...vulnerabilityEnrichments(knowledge.vulnerability(key.slice('cve:'.length).toUpperCase())));
    } else noteDomain(domainIn(key), 'domain');
  }
  const found: Entity[] = [];
  for (const [domain, name] of domains) {
    const indicators = domainIndicators(domain, knowledge, memory);
    if (indicators.length === 0) continue;
    enrichments.push(...indicators.map((indicator) => indicatorEnrichment(name, domain, indicator, event.time)));
    found.push({
      kind: 'resource',
      key: domainKey(domain),
      part: name === 'domain' ? 'target' : 'origin',
      label: domain,
    });
  }
  const placed =
    source && placedSource(source, source.ip === undefined ? undefined : factsOf(source.ip, knowledge, memory).context);
  if (enrichments.length === 0 && placed === source) return event;
  return { ...event, entities: withEntities(event.entities, found), ocsf: withFacts(event.ocsf, placed, enrichments) };
}

function memoryOf(knowledge: EventKnowledge): Memory {
  const known = memories.get(knowledge) ?? { addresses: new Map(), domains: new Map() };
  memories.set(knowledge, known);
  return known;
}

/** What a map remembers under a name, or else what is made now. */
function remembered<V>(map: Map<string, V>, name: string, make: (name: string) => V): V {
  const known = map.get(name);
  if (known !== undefined) return known;
  if (map.size >= MOST_REMEMBERED) map.clear();
  const made = make(name);
  map.set(name, made);
  return made;
}

const factsOf = (address: string, { intel, network }: EventKnowledge, { addresses }: Memory): AddressFacts =>
  remembered(addresses, address, () => ({ context: network.of(address), indicators: intel.ofAddress(address) }));

const domainIndicators = (domain: string, { intel }: EventKnowledge, { domains }: Memory): readonly Indicator[] =>
  remembered(domains, domain, () => intel.ofDomain(domain));

const sourceOf = (ocsf: OcsfEvent): NetworkEndpoint | undefined =>
  'src_endpoint' in ocsf ? ocsf.src_endpoint : undefined;

/** The domain that a key names: that of a mail address, or of who vouches for a subject of another cloud. */
function domainIn(key: string): string | undefined {
  if (key.startsWith('domain:')) return key.slice('domain:'.length);
  if (key.startsWith('upn:')) return key.includes('@') ? key.slice(key.lastIndexOf('@') + 1) : undefined;
  if (!key.startsWith('federated:')) return undefined;
  return /^federated:([^/|:]+\.[^/|:]+)[/|:]/.exec(key)?.[1];
}

function addressEnrichments(
  name: string,
  address: string,
  { context, indicators }: AddressFacts,
  time: number,
): Enrichment[] {
  const found = indicators.map((indicator) => indicatorEnrichment(name, address, indicator, time));
  if (context?.own !== true && context?.provider === undefined) return found;
  const { own, provider } = context;
  const data = { ...(own === true && { own }), ...(provider !== undefined && { range: provider }) };
  return [...found, { name, value: address, type: 'network', data }];
}

/** What is said of an entity by somebody who holds it to be an attacker's, and whether it counted at the time of the event. */
function indicatorEnrichment(name: string, value: string, indicator: Indicator, time: number): Enrichment {
  const { id, kind, source, description, confidence, labels, validFrom, validUntil } = indicator;
  return {
    ...{ name, value, type: 'indicator', provider: source },
    ...(description !== undefined && { desc: description }),
    data: {
      id,
      kind,
      value: indicator.value,
      validity: validityAt(indicator, time),
      labels: [...labels],
      ...(confidence !== undefined && { confidence }),
      ...(validFrom !== undefined && { validFrom: new Date(validFrom).toISOString() }),
      ...(validUntil !== undefined && { validUntil: new Date(validUntil).toISOString() }),
    },
  };
}

function vulnerabilityEnrichments({ cve, kev, epss }: VulnerabilityContext): Enrichment[] {
  const of = { name: 'cve', value: cve };
  return [
    ...(kev === undefined ? [] : [{ ...of, provider: 'CISA KEV', data: { ...kev } }]),
    ...(epss === undefined ? [] : [{ ...of, provider: 'FIRST EPSS', data: { ...epss } }]),
  ];
}

/** The source with its place and network where the record says none. A place needs a country or a city, as OCSF has it. */
function placedSource(source: NetworkEndpoint, context: AddressContext | undefined): NetworkEndpoint {
  if (context === undefined) return source;
  const { country, city, latitude: lat, longitude: long, asn, organization } = context;
  const place = source.location === undefined && (country !== undefined || city !== undefined);
  const network = source.autonomous_system === undefined && (asn !== undefined || organization !== undefined);
  if (!place && !network) return source;
  return {
    ...source,
    ...(place && { location: { city, country, lat, long } }),
    ...(network && { autonomous_system: { number: asn, name: organization } }),
  };
}

function withEntities(before: readonly Entity[], found: readonly Entity[]): readonly Entity[] {
  const known = new Set(before.map(({ key }) => key));
  const more = found.filter(({ key }) => !known.has(key));
  return more.length === 0 ? before : [...before, ...more].slice(0, MAX_ENTITIES);
}

function withFacts(ocsf: OcsfEvent, source: NetworkEndpoint | undefined, found: readonly Enrichment[]): OcsfEvent {
  const enrichments = [...(ocsf.enrichments ?? []), ...found.slice(0, MOST_ENRICHMENTS)];
  return {
    ...ocsf,
    ...(source !== undefined && { src_endpoint: source }),
    ...(enrichments.length > 0 && { enrichments }),
  };
}
