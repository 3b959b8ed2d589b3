/** The ids by which vulnerabilities and kinds of weakness are known, as reports write them. */

/** Ids are looked for at the beginning of a text only; no name of a rule is longer. */
const LOOKED_THROUGH = 1000;
/** No report names more in one finding. */
const MAX_IDS = 20;

/** https://www.cve.org/ResourcesSupport/AllResources/CNARules */
const CVE = /\bCVE-\d{4}-\d{4,19}(?!\d)/gi;
/** https://docs.github.com/code-security/security-advisories/working-with-global-security-advisories-from-the-github-advisory-database/about-the-github-advisory-database#about-ghsa-ids */
const GHSA = /\bGHSA(?:-[23456789cfghjmpqrvwx]{4}){3}\b/gi;
/** With the zeros that CodeQL writes before the number: `external/cwe/cwe-079`. */
const CWE = /\bCWE[-_:]?\s?0*(\d{1,5})(?!\d)/gi;

/** What a weakness is called whose kind is not said; the id is NVD's own for that: https://nvd.nist.gov/vuln/categories */
export const UNSTATED_WEAKNESS = 'NVD-CWE-noinfo';

/** A secret that stands in code: https://cwe.mitre.org/data/definitions/798.html */
export const HARD_CODED_CREDENTIALS = 'CWE-798';

/** The CVE ids in texts, in upper case, each once, in order of appearance. */
export const cveIdsIn = (...texts: readonly (string | undefined)[]): string[] =>
  found(texts, CVE, ([id]) => id.toUpperCase());

/** The ids of GitHub's advisories in texts, as `GHSA-` and lower case. */
export const advisoryIdsIn = (...texts: readonly (string | undefined)[]): string[] =>
  found(texts, GHSA, ([id]) => `GHSA${id.slice(4).toLowerCase()}`);

/** The CWE ids in texts, as `CWE-79`. */
export const cweIdsIn = (...texts: readonly (string | undefined)[]): string[] =>
  found(texts, CWE, ([, number = '']) => `CWE-${number}`);

function found(
  texts: readonly (string | undefined)[],
  pattern: RegExp,
  idOf: (match: RegExpExecArray) => string,
): string[] {
  const ids = new Set<string>();
  for (const text of texts) {
    if (text === undefined) continue;
    for (const match of text.slice(0, LOOKED_THROUGH).matchAll(pattern)) {
      if (ids.size < MAX_IDS) ids.add(idOf(match));
    }
  }
  return [...ids];
}
