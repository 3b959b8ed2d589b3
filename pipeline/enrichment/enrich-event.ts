import type { AddressContext, Indicator } from '../timeline/context.ts';
import { MAX_ENTITIES, type Entity } from '../timeline/entity.ts';
import { domainKey } from '../timeline/entity-keys.ts';
import type { Event } from '../timeline/event.ts';
import type { VulnerabilityContext } from '../timeline/finding.ts';
import type { AutonomousSystem, Enrichment, Location, NetworkEndpoint, OcsfEvent } from '../timeline/ocsf/types.ts';
import type { NetworkContext } from './network/network-context.ts';
import { validityAt, type ThreatIntel, type Validity } from './threat-intel/threat-intel.ts';

/** What is known beside the logs that events are given when they are read. Immutable: what is known anew is another. */
export interface EventKnowledge {
  readonly intel: ThreatIntel;
  readonly network: NetworkContext;
  /** What feeds say of a vulnerability. @param cve its CVE id, upper case */
  readonly vulnerability: (cve: string) => VulnerabilityContext;
}

/** What is known of an address, in the forms in which events are given it. */
interface AddressFacts {
  readonly address: string;
  readonly indicators: readonly ToldIndicator[];
  /** What its network is, where it is the source of an event and where it is named elsewhere: undefined where nothing is known of that. */
  readonly network: Readonly<Record<'src_endpoint.ip' | 'ip', Enrichment>> | undefined;
  readonly location: Location | undefined;
  readonly autonomousSystem: AutonomousSystem | undefined;
}

/** A domain that an entity names, and who holds it to be an attacker's. */
interface NamedDomain {
  readonly domain: string;
  readonly indicators: readonly ToldIndicator[];
}

/** An indicator, and what events were told of it before: whoever attacks once does so a thousand times. */
interface ToldIndicator {
  readonly indicator: Indicator;
  readonly told: Map<string, Enrichment>;
}

/** What was looked up before, by key: the same addresses and names come again and again. */
interface Memory {
  readonly addresses: Map<string, AddressFacts>;
  readonly domains: Map<string, NamedDomain>;
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
  const { ocsf, entities, time } = event;
  const source = 'src_endpoint' in ocsf ? ocsf.src_endpoint : undefined;
  const enrichments: Enrichment[] = [];
  let sourceFacts: AddressFacts | undefined;
  for (const { kind, key } of entities) {
    if (kind === 'ip') {
      const facts = factsOf(key, knowledge, memory);
      const { address, indicators, network } = facts;
      const name = address === source?.ip ? 'src_endpoint.ip' : 'ip';
      if (name === 'src_endpoint.ip') sourceFacts = facts;
      for (const indicator of indicators) enrichments.push(indicatorEnrichment(name, address, indicator, time));
      if (network !== undefined) enrichments.push(network[name]);
    } else if (kind === 'vulnerability') {
      enrichments.push(...vulnerabilityEnrichments(knowledge.vulnerability(key.slice('cve:'.length).toUpperCase())));
    }
  }
  const named = knowledge.intel.knowsDomains ? domainHits(source, entities, knowledge, memory) : NO_HITS;
  for (const { domain, name, indicators } of named) {
    for (const indicator of indicators) enrichments.push(indicatorEnrichment(name, domain, indicator, time));
  }
  const placed = source === undefined || sourceFacts === undefined ? source : placedSource(source, sourceFacts);
  if (enrichments.length === 0 && placed === source) return event;
  return {
    ...event,
    entities: named.length === 0 ? entities : withDomains(entities, named),
    ocsf: withFacts(ocsf, placed, enrichments),
  };
}

/** A domain that somebody holds to be an attacker's. */
interface DomainHit extends NamedDomain {
  /** Where the event names it. */
  readonly name: string;
}

const NO_HITS: readonly DomainHit[] = [];

function domainHits(
  source: NetworkEndpoint | undefined,
  entities: readonly Entity[],
  knowledge: EventKnowledge,
  memory: Memory,
): readonly DomainHit[] {
  let hits = NO_HITS;
  if (source?.domain !== undefined)
    hits = withHit(hits, domainOf(domainKey(source.domain), knowledge, memory), 'src_endpoint.domain');
  if (source?.hostname !== undefined)
    hits = withHit(hits, domainOf(domainKey(source.hostname), knowledge, memory), 'src_endpoint.hostname');
  for (const { key } of entities) {
    if (namesDomain(key)) hits = withHit(hits, domainOf(key, knowledge, memory), 'domain');
  }
  return hits;
}

function withHit(hits: readonly DomainHit[], named: NamedDomain, name: string): readonly DomainHit[] {
  const known = named.indicators.length === 0 || hits.some(({ domain }) => domain === named.domain);
  return known ? hits : [...hits, { ...named, name }];
}

/** Whether a key is of an entity that names a domain. */
const namesDomain = (key: string): boolean =>
  key.startsWith('upn:') || key.startsWith('domain:') || key.startsWith('federated:');

function memoryOf(knowledge: EventKnowledge): Memory {
  const known = memories.get(knowledge);
  if (known !== undefined) return known;
  const memory: Memory = { addresses: new Map(), domains: new Map() };
  memories.set(knowledge, memory);
  return memory;
}

/** Remembers what was made of a key. */
function remember<V>(map: Map<string, V>, key: string, made: V): V {
  if (map.size >= MOST_REMEMBERED) map.clear();
  map.set(key, made);
  return made;
}

/** @param key that {@link namesDomain} */
function domainOf(key: string, { intel }: EventKnowledge, { domains }: Memory): NamedDomain {
  const known = domains.get(key);
  if (known !== undefined) return known;
  const domain = domainIn(key) ?? '';
  return remember(domains, key, { domain, indicators: intel.ofDomain(domain).map(untold) });
}

/** @param key of an address: `ip:…` */
function factsOf(key: string, { intel, network }: EventKnowledge, { addresses }: Memory): AddressFacts {
  const known = addresses.get(key);
  if (known !== undefined) return known;
  const address = key.slice('ip:'.length);
  return remember(addresses, key, addressFacts(address, network.of(address), intel.ofAddress(address)));
}

const untold = (indicator: Indicator): ToldIndicator => ({ indicator, told: new Map() });

/** A place needs a country or a city, as OCSF has it. */
function addressFacts(
  address: string,
  context: AddressContext | undefined,
  indicators: readonly Indicator[],
): AddressFacts {
  const { country, city, latitude: lat, longitude: long, asn, organization, own, provider } = context ?? {};
  const data = { ...(own === true && { own }), ...(provider !== undefined && { range: provider }) };
  const of = { value: address, type: 'network', data };
  return {
    address,
    indicators: indicators.map(untold),
    network:
      own === true || provider !== undefined
        ? { 'src_endpoint.ip': { name: 'src_endpoint.ip', ...of }, ip: { name: 'ip', ...of } }
        : undefined,
    location: country === undefined && city === undefined ? undefined : { city, country, lat, long },
    autonomousSystem: asn === undefined && organization === undefined ? undefined : { number: asn, name: organization },
  };
}

/** The domain that a key names: that of a mail address, or of who vouches for a subject of another cloud. */
function domainIn(key: string): string | undefined {
  if (key.startsWith('domain:')) return key.slice('domain:'.length);
  if (key.startsWith('upn:')) return key.includes('@') ? key.slice(key.lastIndexOf('@') + 1) : undefined;
  if (!key.startsWith('federated:')) return undefined;
  return /^federated:([^/|:]+\.[^/|:]+)[/|:]/.exec(key)?.[1];
}

/** What is said of an entity by somebody who holds it to be an attacker's, and whether it counted at the time of the event. */
function indicatorEnrichment(name: string, value: string, known: ToldIndicator, time: number): Enrichment {
  const validity = validityAt(known.indicator, time);
  const of = `${name} ${validity}`;
  const told = known.told.get(of) ?? toldOf(name, value, known.indicator, validity);
  known.told.set(of, told);
  return told;
}

function toldOf(name: string, value: string, indicator: Indicator, validity: Validity): Enrichment {
  const { id, kind, source, description, confidence, labels, validFrom, validUntil } = indicator;
  return {
    ...{ name, value, type: 'indicator', provider: source },
    ...(description !== undefined && { desc: description }),
    data: {
      id,
      kind,
      value: indicator.value,
      validity,
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

/** The source with its place and network where the record says none. */
function placedSource(source: NetworkEndpoint, { location, autonomousSystem }: AddressFacts): NetworkEndpoint {
  const place = source.location === undefined && location !== undefined;
  const network = source.autonomous_system === undefined && autonomousSystem !== undefined;
  if (!place && !network) return source;
  return { ...source, ...(place && { location }), ...(network && { autonomous_system: autonomousSystem }) };
}

function withDomains(before: readonly Entity[], hits: readonly DomainHit[]): readonly Entity[] {
  const known = new Set(before.map(({ key }) => key));
  const more = hits.map(({ domain, name }): Entity => {
    const part = name === 'domain' ? 'target' : 'origin';
    return { kind: 'resource', key: domainKey(domain), part, label: domain };
  });
  return [...before, ...more.filter(({ key }) => !known.has(key))].slice(0, MAX_ENTITIES);
}

function withFacts(ocsf: OcsfEvent, source: NetworkEndpoint | undefined, found: readonly Enrichment[]): OcsfEvent {
  const placed = source === undefined ? undefined : { src_endpoint: source };
  if (found.length === 0) return { ...ocsf, ...placed };
  const enrichments = [...(ocsf.enrichments ?? []), ...found.slice(0, MOST_ENRICHMENTS)];
  return { ...ocsf, ...placed, enrichments };
}
