import type { JsonObject } from '../../platform/json.ts';
import { MAX_ENTITIES, type Entity } from '../timeline/entity.ts';
import type { Event } from '../timeline/event.ts';
import type { Enrichment } from '../timeline/ocsf/types.ts';
import type { Epss } from './epss.ts';
import type { Kev } from './kev.ts';

/** What is known of vulnerabilities; either may be absent. */
export interface VulnerabilityFeeds {
  readonly kev?: Kev | undefined;
  readonly epss?: Epss | undefined;
}

const CVE = /CVE-\d{4}-\d{4,9}(?!\d)/gi;
const MOST = 20;

/** The vulnerabilities that a record names anywhere in its text, upper-case, each once. */
export function cvesIn(record: JsonObject): string[] {
  const found = new Set<string>();
  for (const [name] of JSON.stringify(record).matchAll(CVE)) {
    found.add(name.toUpperCase());
    if (found.size >= MOST) break;
  }
  return [...found];
}

/**
 * The event with what the feeds say of the vulnerabilities that its record names: as OCSF enrichments, and each as an entity. The same event where it
 * names none.
 */
export function withVulnerabilities<T extends Event>(event: T, record: JsonObject, feeds: VulnerabilityFeeds): T {
  const names = cvesIn(record);
  if (names.length === 0) return event;
  const enrichments = names.flatMap((cve) => enrichmentsOf(cve, feeds));
  const entities: Entity[] = names.map((cve) => ({
    kind: 'vulnerability',
    key: `cve:${cve.toLowerCase()}`,
    part: 'target',
    label: cve,
  }));
  return {
    ...event,
    entities: [...event.entities, ...entities].slice(0, MAX_ENTITIES),
    ocsf: { ...event.ocsf, enrichments: [...(event.ocsf.enrichments ?? []), ...enrichments] },
  };
}

function enrichmentsOf(cve: string, { kev, epss }: VulnerabilityFeeds): Enrichment[] {
  const listed = kev?.entries.get(cve);
  const score = epss?.get(cve);
  return [
    ...(listed && kev
      ? [{ name: 'cve', value: cve, provider: 'CISA KEV', data: { version: kev.version, ...listed } }]
      : []),
    ...(score && epss
      ? [
          {
            name: 'cve',
            value: cve,
            provider: 'FIRST EPSS',
            data: { model: epss.model, scoreDate: epss.scoreDate, ...score },
          },
        ]
      : []),
  ];
}
