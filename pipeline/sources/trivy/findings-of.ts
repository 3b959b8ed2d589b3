import { arrayOf, isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { lengthOf, RECEIVED, receivedText, TakenReport, wholeRoom, type Report, type Room } from '../report.ts';
import { pick, type Shape } from '../shared/pick.ts';

/** The version of the report that is read. https://trivy.dev/latest/docs/configuration/reporting/ */
export const SCHEMA_VERSION = 2;

/** What of the report each of its findings carries. No configuration of the image: its environment holds passwords. */
const REPORT: Shape = {
  SchemaVersion: 'number',
  ReportID: 'text',
  CreatedAt: 'text',
  ArtifactName: 'address',
  ArtifactType: 'text',
  Metadata: {
    OS: { Family: 'text', Name: 'text', EOSL: 'flag' },
    ImageID: 'text',
    RepoTags: 'texts',
    RepoDigests: 'texts',
    RepoURL: 'address',
    Branch: 'text',
    Commit: 'text',
  },
  Trivy: { Version: 'text' },
};

const RESULT: Shape = { Target: 'address', Class: 'text', Type: 'text' };

const VULNERABILITY: Shape = {
  VulnerabilityID: 'text',
  VendorIDs: 'texts',
  PkgID: 'text',
  PkgName: 'text',
  PkgPath: 'text',
  PkgIdentifier: { PURL: 'text' },
  InstalledVersion: 'text',
  FixedVersion: 'text',
  Status: 'text',
  Layer: { DiffID: 'text', Digest: 'text' },
  SeveritySource: 'text',
  PrimaryURL: 'text',
  Title: 'text',
  Description: 'text',
  Severity: 'text',
  CweIDs: 'texts',
  References: 'texts',
  PublishedDate: 'text',
  LastModifiedDate: 'text',
};

/** No excerpts of code (`CauseMetadata.Code`), in which secrets stand. */
const MISCONFIGURATION: Shape = {
  Type: 'text',
  ID: 'text',
  AVDID: 'text',
  Title: 'text',
  Description: 'text',
  Message: 'text',
  Namespace: 'text',
  Query: 'text',
  Resolution: 'text',
  Severity: 'text',
  PrimaryURL: 'text',
  References: 'texts',
  Status: 'text',
  CauseMetadata: { Provider: 'text', Service: 'text', Resource: 'text', StartLine: 'number', EndLine: 'number' },
};

/** Neither `Match` nor `Code`, which are the secret and what stands around it. */
const SECRET: Shape = {
  RuleID: 'text',
  Category: 'text',
  Severity: 'text',
  Title: 'text',
  StartLine: 'number',
  EndLine: 'number',
  Layer: { DiffID: 'text', Digest: 'text' },
};

/** Scores of so many sources are kept. */
const MAX_SCORES = 8;
const SCORE: Shape = {
  V2Vector: 'text',
  V3Vector: 'text',
  V40Vector: 'text',
  V2Score: 'number',
  V3Score: 'number',
  V40Score: 'number',
};

/** The lists of a result, and what one of each is called in a record. */
const LISTS: readonly (readonly [list: string, name: string, take: (finding: Json) => JsonObject | undefined])[] = [
  ['Vulnerabilities', 'Vulnerability', vulnerabilityOf],
  ['Misconfigurations', 'Misconfiguration', (finding) => pick(finding, MISCONFIGURATION)],
  ['Secrets', 'Secret', (finding) => pick(finding, SECRET)],
];

/** What an ignore file or a VEX document says of a finding. */
const MODIFIED: Shape = { Type: 'text', Status: 'text', Statement: 'text', Source: 'text' };
const MODIFIED_NAMES: ReadonlyMap<string | undefined, (typeof LISTS)[number]> = new Map(
  LISTS.map((list) => [list[1].toLowerCase(), list]),
);

/**
 * Takes a report of Trivy apart: a record for each vulnerability, misconfiguration and secret, with what it needs of the report and of the result that it
 * stands in: `{ SchemaVersion, ArtifactName, …, Result, Vulnerability, received }`. Findings that were told to be ignored, where the report shows them, are
 * records with `Modified`. Licences and packages are no findings. Each record is bounded, and so is all that they repeat.
 * @param room for records of the body that the report stands in
 * @returns undefined where the object is no report of a version that is read
 */
export function trivyFindings(
  report: JsonObject,
  received: number | undefined,
  room: Room = wholeRoom(),
): Report | undefined {
  if (report['SchemaVersion'] !== SCHEMA_VERSION || typeof report['ArtifactName'] !== 'string') return undefined;
  if (LISTS.some(([, name]) => report[name] !== undefined)) return undefined;
  const time = receivedText(received);
  const around = { ...pick(report, REPORT), ...(time !== undefined && { [RECEIVED]: time }) };
  const length = lengthOf(around);
  const taken = new TakenReport(room);
  for (const result of arrayOf(report['Results']) ?? []) {
    if (taken.isFull) break;
    if (!isObject(result)) taken.reject('Results: expected objects');
    else {
      const Result = pick(result, RESULT) ?? {};
      addFindings(result, { around: { ...around, Result }, length: length + lengthOf(Result) }, taken);
    }
  }
  return taken;
}

/** What each finding of a result repeats, and how long that is as JSON. */
interface Repeated {
  readonly around: JsonObject;
  readonly length: number;
}

function addFindings(result: JsonObject, repeated: Repeated, taken: TakenReport): void {
  for (const [list, name, take] of LISTS) {
    for (const finding of arrayOf(result[list]) ?? []) add(repeated, name, take(finding), taken);
  }
  for (const modified of arrayOf(result['ExperimentalModifiedFindings']) ?? []) {
    const [, name, take] = MODIFIED_NAMES.get(textOf(objectOf(modified)?.['Type'])) ?? [];
    const finding = objectOf(modified)?.['Finding'];
    if (name === undefined || take === undefined || finding === undefined) continue;
    const around = { ...repeated.around, Modified: pick(modified, MODIFIED) ?? {} };
    add({ ...repeated, around }, name, take(finding), taken);
  }
}

function add({ around, length }: Repeated, name: string, finding: JsonObject | undefined, taken: TakenReport): void {
  if (finding === undefined) taken.reject(`Results: expected an object for each ${name.toLowerCase()}`);
  else taken.add({ ...around, [name]: finding }, length);
}

function vulnerabilityOf(finding: Json): JsonObject | undefined {
  const picked = pick(finding, VULNERABILITY);
  const scores = Object.entries(objectOf(objectOf(finding)?.['CVSS']) ?? {})
    .slice(0, MAX_SCORES)
    .map(([vendor, score]): [string, JsonObject] => [vendor.slice(0, 100), pick(score, SCORE) ?? {}]);
  if (picked !== undefined && scores.length > 0) picked['CVSS'] = Object.fromEntries(scores);
  return picked;
}
