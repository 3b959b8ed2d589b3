import { arrayOf, isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { AffectedPackage, Cvss, Vulnerability } from '../../timeline/ocsf/types.ts';
import { parseTime } from '../shared/time.ts';
import { cvssOf, MAX_LISTED, packageOf, vulnerabilitiesOf } from '../shared/vulnerability.ts';
import { cveIdsIn } from '../shared/weakness-ids.ts';

/**
 * The vulnerabilities that a sub-assessment is about; none where it is about a setting. Each scanner writes its own details into
 * `additionalData`: Defender Vulnerability Management a `cveId` with the package, Qualys and others a list `cve`; the Resource Graph wraps some into `data`.
 * https://learn.microsoft.com/azure/defender-for-cloud/subassessment-rest-api
 */
export function assessedVulnerabilities(properties: JsonObject): Vulnerability[] {
  const additional = objectOf(properties.additionalData) ?? {};
  const details: JsonObject = { ...objectOf(additional.data), ...additional };
  const vulnerability = objectOf(details.vulnerabilityDetails) ?? {};
  const software = objectOf(details.softwareDetails) ?? {};
  const affected = affectedPackage(details, software);
  const exploit = objectOf(vulnerability.exploitabilityAssessment);
  return vulnerabilitiesOf({
    cves: cvesOf(properties, details, vulnerability),
    advisory: undefined,
    cvss: scoresOf(details, vulnerability),
    rest: {
      title: textOf(properties.displayName),
      severity: textOf(vulnerability.severity),
      affected_packages: affected === undefined ? undefined : [affected],
      references: linksOf(vulnerability.references ?? details.vendorReferences),
      is_fix_available: isFixAvailable(details, software),
      is_exploit_available: exploit === undefined ? undefined : isExploited(exploit),
      first_seen_time: parseTime(vulnerability.publishedDate ?? details.publishedTime),
    },
  });
}

function cvesOf(properties: JsonObject, details: JsonObject, vulnerability: JsonObject): string[] {
  const listed = (arrayOf(details.cve) ?? [])
    .slice(0, MAX_LISTED)
    .map((entry) => textOf(isObject(entry) ? entry.title : entry));
  const named = [vulnerability.cveId, properties.id, properties.displayName].map(textOf);
  return cveIdsIn(...named, ...listed);
}

function scoresOf(details: JsonObject, vulnerability: JsonObject): Cvss[] {
  const scores = [...scoresIn(vulnerability.cvss), ...scoresIn(details.cvss)];
  const alone = scores.length > 0 ? undefined : cvssOf(details.cvssV30Score, undefined, '3.0');
  return alone === undefined ? scores : [alone];
}

/** Scores by version (`{"3.0": {"base": 7.5}}`), or one that stands alone (`{"base": 7.5}`). */
function scoresIn(cvss: Json | undefined): Cvss[] {
  if (!isObject(cvss)) return [];
  const entries: [string | undefined, Json | undefined][] =
    typeof cvss.base === 'number' ? [[undefined, cvss]] : Object.entries(cvss).slice(0, MAX_LISTED);
  return entries.flatMap(([version, score]) => {
    if (!isObject(score)) return [];
    const vector = textOf(score.cvssVectorString) ?? textOf(score.vector);
    return cvssOf(score.base, vector, version) ?? [];
  });
}

function affectedPackage(details: JsonObject, software: JsonObject): AffectedPackage | undefined {
  const fixed = textOf(software.fixedVersion);
  return packageOf(
    textOf(software.packageName) ?? textOf(details.softwareName),
    textOf(software.version) ?? textOf(details.softwareVersion),
    {
      vendor_name: textOf(software.vendor) ?? textOf(details.softwareVendor),
      fixed_in_version: fixed,
      package_manager: textOf(software.language),
    },
  );
}

function isFixAvailable(details: JsonObject, software: JsonObject): boolean | undefined {
  if (typeof details.patchable === 'boolean') return details.patchable;
  if (software.fixStatus === 'FixAvailable') return true;
  return software.fixStatus === 'NoFixAvailable' || software.fixStatus === 'WontFix' ? false : undefined;
}

const isExploited = (assessment: JsonObject): boolean =>
  assessment.exploitStepsPublished === true ||
  assessment.exploitStepsVerified === true ||
  assessment.isInExploitKit === true;

function linksOf(value: Json | undefined): string[] | undefined {
  const links = (arrayOf(value) ?? [])
    .slice(0, MAX_LISTED)
    .map((entry) => (isObject(entry) ? textOf(entry.link) : undefined))
    .filter((link) => link !== undefined);
  return links.length === 0 ? undefined : links;
}
