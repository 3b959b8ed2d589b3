import { z } from 'zod';
import { printable } from '../../platform/printable.ts';
import { boundedKey } from './entity-keys.ts';
import { UNKNOWN_PRINCIPAL, type Event } from './event.ts';
import type { Finding, FindingStatus } from './finding.ts';
import type { Level } from './signal.ts';

/** Classes of findings about what is weak: Vulnerability, Compliance and Application Security Posture Finding. Detections (2004) are no such. */
const CLASSES: ReadonlySet<number> = new Set([2002, 2003, 2007]);
const MAX_CVES = 20;
const MAX_TITLE = 300;
const MAX_TEXT = 200;

/**
 * By this tag in `finding_info.tags` a source passes on what its scanner says of from where the asset can be reached; its value is `internet`
 * or `internal`.
 */
export const EXPOSURE_TAG = 'exposure';

/** What is not of its type reads as absent: one odd field must not cost the finding. */
const text = z.string().optional().catch(undefined);
const number = z.number().optional().catch(undefined);
/** Elements that are not of their shape are left out. */
const list = <T>(element: z.ZodType<T>) =>
  z
    .array(element.optional().catch(undefined))
    .transform((items) => items.filter((item) => item !== undefined))
    .catch([])
    .default([]);
const remediation = z.object({ desc: text }).optional().catch(undefined);

const vulnerability = z.object({
  cve: z
    .object({ uid: text, cvss: list(z.object({ base_score: number })) })
    .optional()
    .catch(undefined),
  affected_packages: list(z.object({ name: text, version: text, fixed_in_version: text })),
  affected_code: list(z.object({ file: z.object({ path: text, name: text }), start_line: number })),
  remediation,
});

const schema = z.object({
  class_uid: z.number(),
  activity_id: number,
  status_id: number,
  severity_id: number,
  message: text,
  finding_info: z.object({ uid: z.string().min(1), title: text, tags: list(z.object({ name: text, value: text })) }),
  vulnerabilities: list(vulnerability),
  compliance: z.object({ control: text, status_id: number }).optional().catch(undefined),
  remediation,
});

type Said = z.infer<typeof schema>;

/**
 * The finding that an event is about, as the event says it stands. Reads the OCSF classes 2002, 2003 and 2007. Its asset is a resource that the
 * event names as a target: an image, for whatever runs it is found by its name; else the event's principal, else the first.
 * @returns undefined for other classes, and where no asset is named
 */
export function findingOf(event: Event): Finding | undefined {
  if (!CLASSES.has(event.ocsf.class_uid)) return undefined;
  const { data: said } = schema.safeParse(event.ocsf);
  const asset = assetOf(event);
  if (said === undefined || asset === undefined) return undefined;
  const cvss = cvssOf(said);
  return {
    id: boundedKey(`${event.source}/${said.finding_info.uid}`),
    source: event.source,
    title: cut(said.finding_info.title ?? said.message ?? said.finding_info.uid, MAX_TITLE),
    asset: asset.key,
    assetLabel: asset.label === undefined ? undefined : cut(asset.label, MAX_TEXT),
    cves: cvesOf(said),
    severity: severityOf(said.severity_id, cvss),
    status: statusOf(said),
    time: event.time,
    eventId: event.id,
    cvss,
    subject: subjectOf(said),
    fix: fixOf(said),
    exposure: exposureOf(said),
  };
}

const cut = (value: string, most: number): string => printable(value.slice(0, most).toWellFormed());

function assetOf({ entities, principal }: Event): { key: string; label?: string | undefined } | undefined {
  const targets = entities.filter(({ kind, part }) => kind === 'resource' && part === 'target');
  const asset = targets.find(({ key }) => key.startsWith('image:')) ?? targets.find(({ key }) => key === principal);
  return asset ?? targets[0] ?? (principal === UNKNOWN_PRINCIPAL ? undefined : { key: principal });
}

/** The first that it names, in order. */
function cvesOf({ vulnerabilities }: Said): string[] {
  const found = new Set<string>();
  for (const { cve } of vulnerabilities) {
    if (found.size < MAX_CVES && cve?.uid !== undefined && /^CVE-\d{4}-\d{4,19}$/i.test(cve.uid))
      found.add(cve.uid.toUpperCase());
  }
  return [...found].sort();
}

function cvssOf({ vulnerabilities }: Said): number | undefined {
  let highest: number | undefined;
  for (const { cve } of vulnerabilities) {
    for (const { base_score: score } of cve?.cvss ?? [])
      if (score !== undefined && score >= 0 && score <= 10 && score > (highest ?? -1)) highest = score;
  }
  return highest;
}

/** By OCSF's numbers: Informational, Low, Medium, High, Critical, Fatal. */
const SEVERITIES: readonly (Level | undefined)[] = [
  undefined,
  'informational',
  'low',
  'medium',
  'high',
  'critical',
  'critical',
];

/** Where the source says none, that of the score (CVSS v3.1, section 5, "Qualitative Severity Rating Scale"); medium where there is neither. */
function severityOf(severity: number | undefined, cvss: number | undefined): Level {
  const said = SEVERITIES[severity ?? 0];
  if (said !== undefined) return said;
  if (cvss === undefined) return 'medium';
  return cvss >= 9 ? 'critical' : cvss >= 7 ? 'high' : cvss >= 4 ? 'medium' : cvss > 0 ? 'low' : 'informational';
}

const PASS = 1;
const CLOSE = 3;
const [SUPPRESSED, RESOLVED, ARCHIVED, DELETED] = [3, 4, 5, 6];

function statusOf({ activity_id, status_id, compliance }: Said): FindingStatus {
  if (status_id === SUPPRESSED || status_id === ARCHIVED) return 'suppressed';
  const passed = compliance?.status_id === PASS;
  return status_id === RESOLVED || status_id === DELETED || activity_id === CLOSE || passed ? 'fixed' : 'open';
}

/** What is weak: a package with its version, a place in code, or a control. */
function subjectOf({ vulnerabilities, compliance }: Said): string | undefined {
  for (const { affected_packages, affected_code } of vulnerabilities) {
    const [affected] = affected_packages;
    if (affected?.name !== undefined) return cut(withVersion(affected.name, affected.version), MAX_TEXT);
    const [code] = affected_code;
    const file = code?.file.path ?? code?.file.name;
    if (file !== undefined) return cut(code?.start_line === undefined ? file : `${file}:${code.start_line}`, MAX_TEXT);
  }
  return compliance?.control === undefined ? undefined : cut(compliance.control, MAX_TEXT);
}

/** OCSF asks for a version; where the scanner says none, sources write `unknown`. */
const withVersion = (name: string, version = ''): string =>
  version === '' || version === 'unknown' ? name : `${name} ${version}`;

function fixOf({ vulnerabilities, remediation: whole }: Said): string | undefined {
  for (const { affected_packages, remediation: own } of vulnerabilities) {
    const fix = affected_packages.find(({ fixed_in_version: version }) => (version ?? '') !== '')?.fixed_in_version;
    const said = fix ?? own?.desc;
    if (said !== undefined && said !== '') return withoutMarkup(said);
  }
  return whole?.desc === undefined || whole.desc === '' ? undefined : withoutMarkup(whole.desc);
}

/** Defender for Cloud writes advice in HTML. */
const withoutMarkup = (said: string): string =>
  cut(said.slice(0, MAX_TEXT * 2).replace(/<\/?[a-z][^<>]{0,100}>/gi, ' '), MAX_TEXT).trim();

function exposureOf({ finding_info: { tags } }: Said): Finding['exposure'] {
  const said = tags.find(({ name }) => name === EXPOSURE_TAG)?.value;
  return said === 'internet' || said === 'internal' ? said : undefined;
}
