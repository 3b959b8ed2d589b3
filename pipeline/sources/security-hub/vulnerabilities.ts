import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { AffectedCode, AffectedPackage, Cvss, Vulnerability } from '../../timeline/ocsf/types.ts';
import { cvssOf, epssOf, packageOf, vulnerabilitiesOf } from '../shared/vulnerability.ts';
import { cveIdsIn, cweIdsIn } from '../shared/weakness-ids.ts';
import { listAt, objectAt, textAt, textsAt, valueAt } from './fields.ts';
import { findingTime } from './times.ts';

/**
 * What one vulnerability of a finding is in OCSF, in whichever format: `Vulnerabilities[]` of ASFF, `packageVulnerabilityDetails` of Inspector with what
 * stands beside it, `vulnerabilities[]` of OCSF.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Vulnerability.html,
 * https://docs.aws.amazon.com/inspector/v2/APIReference/API_PackageVulnerabilityDetails.html
 * @param title of the finding
 */
export function vulnerabilitiesIn(value: Json | undefined, title: string | undefined): Vulnerability[] {
  if (!isObject(value)) return [];
  const cve = objectOf(value.cve);
  const id = textAt(value, 'Id', 'vulnerabilityId') ?? textOf(cve?.uid) ?? textOf(objectOf(value.advisory)?.uid);
  const related = textsAt(value, 'RelatedVulnerabilities', 'relatedVulnerabilities', 'related_vulnerabilities');
  const own = cveIdsIn(id);
  const affected = listAt(value, 'VulnerablePackages', 'vulnerablePackages', 'affected_packages').flatMap(packagesIn);
  const references = textsAt(value, 'ReferenceUrls', 'referenceUrls', 'references');
  const found = vulnerabilitiesOf({
    // An advisory may be about several; what a CVE is related with is another matter.
    cves: own.length > 0 ? own : cveIdsIn(...(related ?? [])),
    advisory: id,
    cvss: scoresIn(cve ?? value),
    epss: epssOf(valueAt(value, 'EpssScore', 'epssScore') ?? objectOf(cve?.epss)?.score),
    rest: {
      title,
      desc: textOf(cve?.desc),
      severity: textOf(objectOf(value.Vendor)?.VendorSeverity) ?? textAt(value, 'vendorSeverity', 'severity'),
      affected_packages: affected.length === 0 ? undefined : affected,
      references,
      related_vulnerabilities: related,
      is_exploit_available: saidOf(valueAt(value, 'ExploitAvailable', 'exploitAvailable', 'is_exploit_available')),
      is_fix_available: saidOf(valueAt(value, 'FixAvailable', 'fixAvailable', 'is_fix_available')),
      exploit_last_seen_time: findingTime(
        valueAt(value, 'LastKnownExploitAt', 'lastKnownExploitAt', 'exploit_last_seen_time'),
      ),
    },
  });
  return found.length > 0 ? found : codeWeaknesses(value, title);
}

/** What is weak in code: one for each kind of weakness that is named. */
function codeWeaknesses(value: JsonObject, title: string | undefined): Vulnerability[] {
  const inner = listAt(value, 'CodeVulnerabilities');
  const sources = inner.length > 0 ? inner : [value];
  return sources.flatMap((source) => {
    if (!isObject(source)) return [];
    const code = codeIn(objectAt(source, 'FilePath', 'filePath'));
    const own = textOf(objectOf(source.cwe)?.uid);
    return cweIdsIn(...(textsAt(source, 'Cwes', 'cwes') ?? []), own).map((uid): Vulnerability => ({
      title,
      cwe: { uid },
      affected_code: code === undefined ? undefined : [code],
    }));
  });
}

function codeIn(file: JsonObject | undefined): AffectedCode | undefined {
  const path = textAt(file, 'FilePath', 'filePath');
  const name = textAt(file, 'FileName', 'fileName') ?? path?.slice(path.lastIndexOf('/') + 1);
  if (name === undefined || name === '') return undefined;
  return {
    file: { name, path, type_id: 1 },
    start_line: lineOf(valueAt(file, 'StartLine', 'startLine')),
    end_line: lineOf(valueAt(file, 'EndLine', 'endLine')),
  };
}

const lineOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1e9 ? value : undefined;

const scoresIn = (object: JsonObject): Cvss[] =>
  listAt(object, 'Cvss', 'cvss').flatMap((score) => {
    if (!isObject(score)) return [];
    const vector = textAt(score, 'BaseVector', 'scoringVector', 'vector_string');
    const vendor = textAt(score, 'Source', 'source', 'vendor_name');
    return (
      cvssOf(
        valueAt(score, 'BaseScore', 'baseScore', 'base_score'),
        vector,
        textAt(score, 'Version', 'version'),
        vendor,
      ) ?? []
    );
  });

/** What stands where no version mends it. */
const NO_VERSION: ReadonlySet<string> = new Set(['NotAvailable', 'N/A', 'None']);

function packagesIn(value: Json): AffectedPackage[] {
  if (!isObject(value)) return [];
  const fixed = textAt(value, 'FixedInVersion', 'fixedInVersion', 'fixed_in_version');
  const advice = textAt(value, 'Remediation', 'remediation') ?? textOf(objectOf(value.remediation)?.desc);
  const found = packageOf(textAt(value, 'Name', 'name'), textAt(value, 'Version', 'version'), {
    fixed_in_version: fixed === undefined || NO_VERSION.has(fixed) ? undefined : fixed,
    package_manager: textAt(value, 'PackageManager', 'packageManager', 'package_manager'),
    path: textAt(value, 'FilePath', 'filePath', 'path'),
    architecture: textAt(value, 'Architecture', 'arch', 'architecture'),
    release: textAt(value, 'Release', 'release'),
    remediation: advice === undefined ? undefined : { desc: advice },
  });
  return found === undefined ? [] : [found];
}

/** `YES`, `NO` and, of fixes, `PARTIAL`; true or false in OCSF. */
function saidOf(value: Json | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'YES' || value === 'PARTIAL' ? true : value === 'NO' ? false : undefined;
}
