import { arrayOf, objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import type { Cvss } from '../../timeline/ocsf/types.ts';
import { vulnerabilityFinding } from '../shared/finding-event.ts';
import { severityIdOf } from '../shared/finding-state.ts';
import { cutText } from '../shared/pick.ts';
import { parseTime } from '../shared/time.ts';
import { cvssOf, epssOf, MAX_LISTED, packageOf, vulnerabilitiesOf } from '../shared/vulnerability.ts';
import { cveIdsIn } from '../shared/weakness-ids.ts';
import { LONGEST_DESCRIPTION, LONGEST_TITLE, type Described } from './described.ts';

/** A dependency with a known vulnerability. https://docs.github.com/rest/dependabot/alerts */
export function dependabotAlert(alert: JsonObject): Described {
  const advisory = objectOf(alert['security_advisory']);
  const vulnerability = objectOf(alert['security_vulnerability']);
  const dependency = objectOf(alert['dependency']);
  const named = objectOf(dependency?.['package']) ?? objectOf(vulnerability?.['package']);
  const name = textOf(named?.['name']);
  const range = textOf(vulnerability?.['vulnerable_version_range']);
  const fixed = textOf(objectOf(vulnerability?.['first_patched_version'])?.['identifier']);
  const ghsa = textOf(advisory?.['ghsa_id'])?.slice(0, 100);
  const summary = textOf(advisory?.['summary']);
  const cves = cveIdsIn(textOf(advisory?.['cve_id']), ...cveIdentifiers(advisory));
  // GitHub knows which versions are vulnerable, not which is installed.
  const affected = packageOf(name, range, {
    fixed_in_version: fixed,
    package_manager: textOf(named?.['ecosystem']),
    path: textOf(dependency?.['manifest_path']),
    type_id: 1,
  });
  const vulnerabilities = vulnerabilitiesOf({
    cves,
    advisory: ghsa ?? 'an advisory without an id',
    cvss: scoresOf(advisory),
    epss: epssOf(objectOf(advisory?.['epss'])?.['percentage']),
    rest: {
      title: summary,
      severity: textOf(vulnerability?.['severity']) ?? textOf(advisory?.['severity']),
      affected_packages: affected === undefined ? undefined : [affected],
      is_fix_available: fixed !== undefined,
      first_seen_time: parseTime(alert['created_at']),
      references: referencesOf(advisory),
      related_vulnerabilities: ghsa === undefined || cves.length === 0 ? undefined : [ghsa],
    },
  });
  const of = [cves[0] ?? ghsa ?? 'Known vulnerability', name].filter((text) => text !== undefined).join(' in ');
  return {
    title: cutText(summary === undefined ? of : `${of}: ${summary}`, LONGEST_TITLE),
    description: cutText(textOf(advisory?.['description']) ?? '', LONGEST_DESCRIPTION) || undefined,
    severity: severityIdOf(vulnerability?.['severity'], advisory?.['severity']),
    cves,
    event: (base) => vulnerabilityFinding(base, vulnerabilities),
  };
}

const cveIdentifiers = (advisory: JsonObject | undefined): (string | undefined)[] =>
  (arrayOf(advisory?.['identifiers']) ?? [])
    .slice(0, MAX_LISTED)
    .map(objectOf)
    .filter((identifier) => identifier?.['type'] === 'CVE')
    .map((identifier) => textOf(identifier?.['value']));

/** Newer alerts have scores by version of CVSS, 0 where there is none. */
function scoresOf(advisory: JsonObject | undefined): Cvss[] {
  const severities = objectOf(advisory?.['cvss_severities']);
  const scores = [
    severities?.['cvss_v4'],
    severities?.['cvss_v3'],
    severities === undefined ? advisory?.['cvss'] : null,
  ];
  return scores
    .map(objectOf)
    .filter((score) => score?.['score'] !== 0)
    .map((score) => cvssOf(score?.['score'], textOf(score?.['vector_string'])))
    .filter((score) => score !== undefined);
}

const referencesOf = (advisory: JsonObject | undefined): string[] =>
  (arrayOf(advisory?.['references']) ?? [])
    .slice(0, MAX_LISTED)
    .map((reference) => textOf(objectOf(reference)?.['url']))
    .filter((url) => url !== undefined);
