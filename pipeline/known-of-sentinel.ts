/** What Crosstrail knows of what an incident of Sentinel names: its own timeline and incidents, and what is known beside the logs. */
import { incidentFacts, type FactSources } from './enrichment/incident-facts.ts';
import type { IncidentStore } from './incidents/incident-store.ts';
import { urgencyOf } from './incidents/with-facts.ts';
import type { PostureStore } from './posture/posture-store.ts';
import type { RelatedIncident } from './sentinel/enrichment.ts';
import type { CrosstrailReader, FactReader } from './sentinel/enrichment-ports.ts';
import type { TimeWindow } from './sentinel/logs/log-query.ts';
import { isCredential, isIdentity, isSessionArn } from './timeline/identity/key-traits.ts';
import type { GraphNode, Incident } from './timeline/incident.ts';
import type { TimelineStore } from './timeline/store.ts';
import { inParallel } from './timeline/store/parallel.ts';
import type { KnownIdentities } from './known-identities.ts';

/** The latest events of each key, and so many keys at once. */
const EVENTS_OF_KEY = 60;
const AT_ONCE = 8;
/** So many incidents are looked at, the latest first, and so many told. */
const MOST_LOOKED_AT = 100;
const MOST_RELATED = 5;

export interface CrosstrailSources {
  readonly identities: KnownIdentities;
  readonly timeline: Pick<TimelineStore, 'byEntity'>;
  readonly incidents: Pick<IncidentStore, 'list'>;
}

/** Reads Crosstrail's own timeline, identities and incidents. */
export function crosstrailReader({ identities, timeline, incidents }: CrosstrailSources): CrosstrailReader {
  return {
    identities: () => identities.reader(),
    events: async (keys, { from, to }) => {
      const query = { from, to, order: 'newest', limit: EVENTS_OF_KEY } as const;
      const pages = await inParallel(keys, AT_ONCE, (key) => timeline.byEntity(key, query));
      const events = new Map(pages.flatMap((page) => page.events).map((event) => [event.id, event]));
      return { events: [...events.values()], more: pages.some(({ cursor }) => cursor !== undefined) };
    },
    incidents: async (keys, window) => {
      const wanted = new Set(keys);
      const related: RelatedIncident[] = [];
      for await (const { incident, state } of incidents.list({ since: window.from, limit: MOST_LOOKED_AT })) {
        const shares = sharedBy(incident, wanted, window);
        if (shares !== undefined) related.push({ incident, state, shares });
      }
      return related.sort((a, b) => b.incident.score - a.incident.score).slice(0, MOST_RELATED);
    },
  };
}

/** What an incident has in common with some keys; undefined where it has nothing, or was at another time. */
function sharedBy(
  { firstSeen, lastSeen, principals, graph }: Incident,
  keys: ReadonlySet<string>,
  { from, to }: TimeWindow,
): RelatedIncident['shares'] | undefined {
  if (lastSeen < from || firstSeen >= to) return undefined;
  if (principals.some(({ id, aliases }) => keys.has(id) || aliases.some((key) => keys.has(key)))) return 'principal';
  const kinds = new Set(graph.nodes.filter(({ id }) => keys.has(id)).map(({ kind }) => kind));
  if (kinds.has('principal') || kinds.has('session') || kinds.has('credential')) return 'principal';
  return kinds.has('resource') ? 'resource' : kinds.has('address') ? 'address' : undefined;
}

/** Asks what is known beside the logs as it is asked for Crosstrail's own incidents. */
export function factReader(sources: FactSources, posture: Pick<PostureStore, 'list'>): FactReader {
  return {
    facts: async ({ keys, cves, time }) => {
      const conditions = await Array.fromAsync(posture.list());
      const nodes = keys.map((key): GraphNode => ({ id: key, label: key, kind: kindOf(key) }));
      const facts = await incidentFacts(
        { graph: { nodes, edges: [] }, principals: [], firstSeen: time },
        conditions,
        sources,
      );
      const headline = urgencyOf(facts);
      const { vulnerability, missing, network } = sources.knowledge();
      const unknown = cves.length === 0 ? [] : missing.vulnerabilities;
      return {
        context: {
          ...facts,
          ...(headline !== undefined && { headline }),
          missing: [...new Set([...facts.missing, ...unknown])].sort(),
        },
        vulnerabilities: cves.map((cve) => vulnerability(cve)),
        addresses: keys
          .filter((key) => key.startsWith('ip:'))
          .flatMap((key) => {
            const address = key.slice('ip:'.length);
            const context = network.of(address);
            return context === undefined ? [] : [{ address, known: context }];
          }),
      };
    },
  };
}

/** What a key is in the graph of an incident; domains are asked after as addresses are. */
function kindOf(key: string): GraphNode['kind'] {
  if (key.startsWith('ip:') || key.startsWith('domain:')) return 'address';
  if (isCredential(key)) return 'credential';
  if (isSessionArn(key)) return 'session';
  return isIdentity(key) && !key.startsWith('arm:') ? 'principal' : 'resource';
}
