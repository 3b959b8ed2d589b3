/** Ports of an enrichment that know what a test tells them. */
import type { StoredEvent } from '../pipeline/timeline/codec.ts';
import type { IncidentContext } from '../pipeline/timeline/context.ts';
import type { VulnerabilityContext } from '../pipeline/timeline/finding.ts';
import type { CrosstrailReader, EnrichmentPorts, FactsWanted } from '../pipeline/sentinel/enrichment-ports.ts';
import type { RelatedIncident } from '../pipeline/sentinel/enrichment.ts';
import type { IdentityReader } from '../pipeline/sentinel/identities.ts';

/** Who is who: the first key of each list stands for all of it. */
export const identitiesOf = (...principals: readonly (readonly string[])[]): IdentityReader => {
  const of = (key: string): readonly string[] => principals.find((keys) => keys.includes(key)) ?? [key];
  return {
    resolve: (key) => of(key)[0] ?? key,
    membersOf: of,
    labelOf: (key) =>
      of(key)
        .find((each) => each.startsWith('upn:'))
        ?.slice('upn:'.length),
    called: (name) => principals.flat().filter((key) => key.endsWith(`/${name}`)),
  };
};

/** What a test knows. */
export interface Known {
  readonly identities?: IdentityReader;
  readonly events?: readonly StoredEvent[];
  readonly incidents?: readonly RelatedIncident[];
  readonly context?: Partial<IncidentContext>;
  readonly vulnerability?: (cve: string) => VulnerabilityContext;
}

/** Crosstrail and facts as a test knows them; `asked` is what facts were wanted of. */
export function knownPorts(
  known: Known = {},
): Pick<EnrichmentPorts, 'crosstrail' | 'facts'> & { asked: FactsWanted[] } {
  const asked: FactsWanted[] = [];
  const crosstrail: CrosstrailReader = {
    identities: async () => known.identities ?? identitiesOf(),
    events: async (keys, { from, to }) => ({
      events: (known.events ?? []).filter(
        ({ time, entities }) => time >= from && time < to && entities.some(({ key }) => keys.includes(key)),
      ),
      more: false,
    }),
    incidents: async () => known.incidents ?? [],
  };
  return {
    asked,
    crosstrail,
    facts: {
      facts: async (wanted) => {
        asked.push(wanted);
        return {
          context: { assets: [], findings: [], hits: [], paths: [], missing: [], ...known.context },
          vulnerabilities: wanted.cves.map((cve) => known.vulnerability?.(cve) ?? { cve }),
          addresses: [],
        };
      },
    },
  };
}
