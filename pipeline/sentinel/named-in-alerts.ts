import type { JsonObject } from '../../platform/json.ts';

/** What alerts name in their text, beside the entities that Sentinel made of them. */
export interface NamedInAlerts {
  /** CVE ids, upper case, in the order in which they are met. */
  readonly cves: readonly string[];
  /** ARNs of AWS identities, and access key ids. */
  readonly awsNames: readonly string[];
  /** Whether they name more CVEs than were taken. */
  readonly more: boolean;
}

const CVE = /CVE-\d{4}-\d{4,9}(?!\d)/gi;
/** Not two patterns of one loop: a text of any length is gone through once for each. */
const ARN =
  /arn:aws(?:-[a-z]{2,10}){0,2}:(?:iam::\d{12}:(?:root\b|(?:user|role)\/[\w+=,.@/-]{1,600})|sts::\d{12}:(?:assumed-role|federated-user)\/[\w+=,.@/-]{1,600})/g;
/** In JSON, where a line may begin behind `\n` and a nested one behind `\\n`. */
const ACCESS_KEY = /(?<=(?:^|[^A-Za-z0-9]|\\[nrt]))A[KS]IA[A-Z0-9]{16}\b/g;

/** Each costs a look-up in memory. */
const MOST_CVES = 500;
const MOST_NAMES = 10;
/** Characters of one alert that are looked at. */
const LONGEST = 300_000;

/** Finds what can be asked after anywhere in alerts. @param properties of alerts and of the incident, as the service gave them */
export function namedInAlerts(properties: readonly JsonObject[]): NamedInAlerts {
  const cves = new Set<string>();
  const names = new Set<string>();
  let more = false;
  for (const each of properties) {
    const text = JSON.stringify(each).slice(0, LONGEST);
    for (const [cve] of text.matchAll(CVE)) {
      const id = cve.toUpperCase();
      if (cves.size < MOST_CVES) cves.add(id);
      else more ||= !cves.has(id);
    }
    for (const pattern of [ARN, ACCESS_KEY]) {
      for (const [name] of text.matchAll(pattern)) {
        // At the end of a sentence, which names may end like and hardly ever do.
        if (names.size < MOST_NAMES) names.add(name.replace(/[.,]{1,3}$/, ''));
      }
    }
  }
  return { cves: [...cves], awsNames: [...names], more };
}
