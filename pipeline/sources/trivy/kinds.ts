import { objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import type { Cvss, OcsfEvent, Vulnerability } from '../../timeline/ocsf/types.ts';
import { affectedCode, lineOf } from '../shared/affected-code.ts';
import { complianceFinding, vulnerabilityFinding, type FindingBase } from '../shared/finding-event.ts';
import { cutText } from '../shared/pick.ts';
import { secretFinding, secretTitle } from '../shared/secret-in-code.ts';
import { cvssOf, packageOf, vulnerabilitiesOf } from '../shared/vulnerability.ts';
import { advisoryIdsIn, cveIdsIn } from '../shared/weakness-ids.ts';
import { textsOf } from './asset.ts';

/** What one kind of finding makes of itself. */
export interface Described {
  /** Of the weakness, as Trivy knows it: `CVE-2026-1234`, `AVD-AWS-0089`, `aws-access-key-id`. */
  readonly id: string;
  readonly title: string;
  /** What tells it from others of the same id in the same target. */
  readonly identity: readonly string[];
  readonly cves: readonly string[];
  readonly event: (base: FindingBase) => OcsfEvent;
}

const LONGEST_TITLE = 300;
/** Classes of results whose packages are those of an operating system. */
const OS_PACKAGES = 'os-pkgs';

/** A package with a known vulnerability. */
export function vulnerabilityEvent(finding: JsonObject, result: JsonObject): Described {
  const id = textOf(finding['VulnerabilityID']) ?? 'unnamed vulnerability';
  const name = textOf(finding['PkgName']);
  const installed = textOf(finding['InstalledVersion']);
  const path = textOf(finding['PkgPath']) ?? textOf(result['Target']);
  const fixed = textOf(finding['FixedVersion']);
  const affected = packageOf(name, installed, {
    fixed_in_version: fixed,
    path,
    purl: textOf(objectOf(finding['PkgIdentifier'])?.['PURL']),
    package_manager: textOf(result['Type']),
    type_id: result['Class'] === OS_PACKAGES ? 2 : 1,
  });
  const cves = cveIdsIn(id);
  const [advisory] = advisoryIdsIn(id);
  const rest: Omit<Vulnerability, 'cve' | 'cwe' | 'advisory'> = {
    title: textOf(finding['Title']),
    severity: textOf(finding['Severity']),
    affected_packages: affected === undefined ? undefined : [affected],
    is_fix_available: fixed !== undefined,
    references: textsOf(finding['References']),
    related_vulnerabilities: textsOf(finding['VendorIDs']),
    vendor_name: textOf(finding['SeveritySource']),
  };
  const of = name === undefined ? id : `${id} in ${name}`;
  const title = textOf(finding['Title']);
  return {
    id,
    title: cutText(title === undefined ? of : `${of}: ${withoutName(title, name)}`, LONGEST_TITLE),
    identity: [name ?? '', textOf(finding['PkgPath']) ?? '', installed ?? ''],
    cves,
    event: (base) =>
      vulnerabilityFinding(base, vulnerabilitiesOf({ cves, advisory: advisory ?? id, cvss: scoresOf(finding), rest })),
  };
}

/** Most titles begin with the name of the package. */
const withoutName = (title: string, name: string | undefined): string =>
  name !== undefined && title.startsWith(`${name}: `) ? title.slice(name.length + 2) : title;

/** The scores of each who gave one, newest version of CVSS first. */
function scoresOf(finding: JsonObject): Cvss[] {
  return Object.entries(objectOf(finding['CVSS']) ?? {}).flatMap(([vendor, value]) => {
    const score = objectOf(value);
    return [
      cvssOf(score?.['V40Score'], textOf(score?.['V40Vector']), '4.0', vendor),
      cvssOf(score?.['V3Score'], textOf(score?.['V3Vector']), undefined, vendor),
      cvssOf(score?.['V2Score'], textOf(score?.['V2Vector']), '2.0', vendor),
    ].filter((one) => one !== undefined);
  });
}

/** A setting, in a file of infrastructure as code or of a container, that fails a check. */
export function misconfigurationEvent(finding: JsonObject, result: JsonObject): Described {
  const id = textOf(finding['AVDID']) ?? textOf(finding['ID']) ?? 'unnamed check';
  const cause = objectOf(finding['CauseMetadata']);
  const resource = textOf(cause?.['Resource']);
  const line = lineOf(cause?.['StartLine']);
  const passed = finding['Status'] === 'PASS';
  const status = passed ? ({ status_id: 1, status: 'Pass' } as const) : ({ status_id: 3, status: 'Fail' } as const);
  const resolution = textOf(finding['Resolution']);
  const code = affectedCode({
    path: textOf(result['Target']),
    startLine: line,
    endLine: lineOf(cause?.['EndLine']),
  });
  return {
    id,
    title: cutText(textOf(finding['Title']) ?? id, LONGEST_TITLE),
    identity: [resource ?? '', resource === undefined ? String(line ?? '') : ''],
    cves: [],
    event: (base) => ({
      ...complianceFinding(
        base,
        {
          control: id,
          category: textOf(finding['Type']),
          desc: textOf(finding['Message']),
          status_details: resource === undefined ? undefined : [resource],
          ...status,
        },
        resolution === undefined ? undefined : { desc: resolution, references: textsOf(finding['References']) },
      ),
      evidences: code?.map(({ file }) => ({ file })),
    }),
  };
}

/** A secret that stands in a file. Trivy says what kind it is and where; which one it is, no event says. */
export function secretEvent(finding: JsonObject, result: JsonObject): Described {
  const id = textOf(finding['RuleID']) ?? 'unnamed secret';
  const line = lineOf(finding['StartLine']);
  const code = affectedCode({
    path: textOf(result['Target']),
    startLine: line,
    endLine: lineOf(finding['EndLine']),
  });
  return {
    id,
    title: secretTitle(textOf(finding['Title']) ?? id),
    identity: [String(line ?? '')],
    cves: [],
    event: (base) => secretFinding(base, code),
  };
}
