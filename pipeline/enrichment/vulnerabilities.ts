import type { JsonObject } from '../../platform/json.ts';
import { MAX_ENTITIES, type Entity } from '../timeline/entity.ts';
import { cveKey } from '../timeline/entity-keys.ts';
import type { Event } from '../timeline/event.ts';
import type { VulnerabilityContext } from '../timeline/finding.ts';
import type { Epss } from './epss.ts';
import type { Kev, KevEntry } from './kev.ts';

/** What is known of vulnerabilities; either may be absent. */
export interface VulnerabilityFeeds {
  readonly kev?: Kev | undefined;
  readonly epss?: Epss | undefined;
}

const CVE = /CVE-\d{4}-\d{4,9}(?!\d)/gi;
const MOST = 20;

/**
 * Whether a text may name a vulnerability, for most do not. The end of the letters is rarer in logs than their beginning, and to look for it is
 * three times as fast as a regular expression. Letters of mixed case are passed over.
 */
export const mayNameVulnerability = (text: string): boolean => hasYearBehind('VE-', text) || hasYearBehind('ve-', text);

const ZERO = 48;
const NINE = 57;

function hasYearBehind(letters: string, text: string): boolean {
  for (let at = text.indexOf(letters); at !== -1; at = text.indexOf(letters, at + letters.length)) {
    const [before, behind] = [text[at - 1], text.charCodeAt(at + letters.length)];
    if ((before === 'C' || before === 'c') && behind >= ZERO && behind <= NINE) return true;
  }
  return false;
}

/** The vulnerabilities that a record names anywhere in its text, upper-case, each once; at most 20. */
export function cvesIn(record: JsonObject): string[] {
  const found = new Set<string>();
  for (const [name] of JSON.stringify(record).matchAll(CVE)) {
    found.add(name.toUpperCase());
    if (found.size >= MOST) break;
  }
  return [...found];
}

/** The event with each vulnerability that its record names as an entity. The same event where it names none that the event does not. */
export function withVulnerabilities<T extends Event>(event: T, record: JsonObject): T {
  const known = new Set(event.entities.map(({ key }) => key));
  const entities = cvesIn(record)
    .map((cve): Entity => ({ kind: 'vulnerability', key: cveKey(cve), part: 'target', label: cve }))
    .filter(({ key }) => !known.has(key));
  return entities.length === 0
    ? event
    : { ...event, entities: [...event.entities, ...entities].slice(0, MAX_ENTITIES) };
}

/** What the feeds say of a vulnerability. @param cve its CVE id, upper case */
export function vulnerabilityContext(cve: string, { kev, epss }: VulnerabilityFeeds): VulnerabilityContext {
  const listed = kev?.entries.get(cve);
  const score = epss?.get(cve);
  return {
    cve,
    ...(listed && { kev: pick(listed) }),
    ...(score && epss && { epss: { ...score, model: epss.model } }),
  };
}

const pick = ({ name, dateAdded, dueDate, ransomware }: KevEntry): VulnerabilityContext['kev'] => ({
  ...{ name, dateAdded, dueDate, ransomware },
});
