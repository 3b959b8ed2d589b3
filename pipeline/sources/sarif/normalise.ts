import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { scanTargetKey } from '../../timeline/entity-keys.ts';
import type { Event } from '../../timeline/event.ts';
import { OCSF_VERSION, type Metadata, type OcsfEvent, type ResourceDetails } from '../../timeline/ocsf/types.ts';
import { affectedCode } from '../shared/affected-code.ts';
import { repositoryAt, type ScannedAsset } from '../shared/code-repository.ts';
import { imageOf } from '../shared/container-image.ts';
import { EntityList } from '../shared/entity-list.ts';
import { digest, eventId } from '../shared/event-id.ts';
import {
  applicationFinding,
  complianceFinding,
  vulnerabilityFinding,
  type FindingBase,
} from '../shared/finding-event.ts';
import { cutText } from '../shared/pick.ts';
import { secretFinding, SECRET_SEVERITY, secretTitle } from '../shared/secret-in-code.ts';
import { vulnerabilitiesOf, vulnerabilityEntity } from '../shared/vulnerability.ts';
import { advisoryIdsIn, cveIdsIn, cweIdsIn, UNSTATED_WEAKNESS } from '../shared/weakness-ids.ts';
import type { CheckedResult } from './check.ts';
import { isAboutSecrets, isAboutSettings, tagsOf } from './kinds.ts';
import { placeOf, type Place } from './place.ts';
import { severityOf, stateOf } from './state.ts';

const LONGEST_TITLE = 300;

/** A result that passed its check, as an event. */
export function normalise(checked: CheckedResult): Event {
  const { run, rule, result, time } = checked;
  const asset = assetOf(run);
  const ruleId = textOf(result['ruleId']) ?? textOf(rule?.['id']) ?? 'unnamed rule';
  const place = placeOf(result);
  const uid = uidOf(checked, asset, ruleId, place);
  const cves = cveIdsIn(ruleId, textOf(rule?.['id']), textOf(rule?.['name']));
  const entities = new EntityList();
  entities.add({ kind: 'resource', key: asset.key, part: 'target', label: asset.name });
  for (const cve of cves) entities.add(vulnerabilityEntity(cve));
  const state = stateOf(result);
  const isSecret = isAboutSecrets(checked);
  const title = titleOf(rule, result, ruleId);
  const base: FindingBase = {
    state,
    severity: severityOf(rule, result, isSecret ? SECRET_SEVERITY : undefined),
    time,
    metadata: metadataOf(checked, ruleId),
    finding_info: {
      uid,
      title: isSecret ? secretTitle(title) : title,
      desc: textOf(objectOf(rule?.['fullDescription'])?.['text']),
      types: tagsOf(checked).slice(0, 10),
      analytic: { type_id: 1, uid: ruleId, name: textOf(rule?.['name']) },
      src_url: textOf(result['hostedViewerUri']) ?? textOf(rule?.['helpUri']),
    },
    resources: [resourceOf(run, asset)],
    message: textOf(objectOf(result['message'])?.['text']),
    status_code: textOf(result['baselineState']),
    status_detail: justificationOf(result),
    unmapped: { run, result },
  };
  return {
    id: eventId('sarif', uid, String(time), state.status.status),
    source: 'sarif',
    recordId: textOf(result['guid']) ?? uid,
    time,
    ocsf: classified(checked, base, { ruleId, cves, place }),
    entities: entities.entities,
    principal: asset.key,
  };
}

interface Found {
  readonly ruleId: string;
  readonly cves: readonly string[];
  readonly place: Place;
}

/** A known vulnerability, a weak setting, or a fault in code, by what the rule says. */
function classified(checked: CheckedResult, base: FindingBase, { ruleId, cves, place }: Found): OcsfEvent {
  const { rule } = checked;
  const code = affectedCode(place, { uid: ruleId, name: textOf(rule?.['name']) });
  const [advisory] = advisoryIdsIn(ruleId, textOf(rule?.['id']));
  const rest = { affected_code: code, title: base.finding_info.title };
  const vulnerabilities = vulnerabilitiesOf({ cves, advisory, cvss: [], rest });
  if (vulnerabilities.length > 0) return vulnerabilityFinding(base, vulnerabilities);
  if (isAboutSettings(checked)) {
    const passed = checked.result['kind'] === 'pass';
    const status = passed ? ({ status_id: 1, status: 'Pass' } as const) : ({ status_id: 3, status: 'Fail' } as const);
    return complianceFinding(base, { control: ruleId, desc: place.shown, ...status });
  }
  if (isAboutSecrets(checked)) return secretFinding(base, code);
  const [stated] = cweIdsIn(...tagsOf(checked));
  return applicationFinding(base, [{ ...rest, cwe: { uid: stated ?? UNSTATED_WEAKNESS } }]);
}

/** What was scanned: a repository, an image, a folder; in this order, for scanners in pipelines name the repository best. */
function assetOf(run: JsonObject): ScannedAsset {
  const [origin] = arrayOf(run['versionControlProvenance']) ?? [];
  const address = textOf(objectOf(origin)?.['repositoryUri']);
  if (address !== undefined) return repositoryAt(address);
  const properties = objectOf(run['properties']);
  const image = textOf(properties?.['imageName']);
  if (image !== undefined) return imageOf(image, textsOf(properties?.['repoTags']));
  const name = folderOf(textOf(run['root'])) ?? categoryOf(textOf(objectOf(run['automationDetails'])?.['id']));
  return name === undefined
    ? { key: scanTargetKey('unnamed'), name: 'a project that the log does not name' }
    : { key: scanTargetKey(name), name };
}

/** The path of a root: `file:///builds/contoso/shop/` is `/builds/contoso/shop`. */
const folderOf = (root: string | undefined): string | undefined =>
  root?.replace(/^file:\/\//i, '').replace(/\/$/, '') || undefined;

/** The category of an analysis: its id without what tells its runs apart, which stands behind the last slash (3.17.3). */
const categoryOf = (id: string | undefined): string | undefined =>
  (id?.includes('/') === true ? id.slice(0, id.lastIndexOf('/')) : id) || undefined;

function resourceOf(run: JsonObject, { key, name }: ScannedAsset): ResourceDetails {
  const [origin] = arrayOf(run['versionControlProvenance']) ?? [];
  const properties = objectOf(run['properties']);
  return {
    uid: key,
    name,
    version: textOf(objectOf(origin)?.['revisionId']) ?? textOf(properties?.['imageID']),
    labels: textsOf(properties?.['repoDigests']),
    role_id: 3,
  };
}

const textsOf = (value: Json | undefined): string[] =>
  (arrayOf(value) ?? []).filter((text) => typeof text === 'string');

/**
 * What is the same for a finding in every log: its fingerprint, or its rule and place where it has none. `primaryLocationLineHash` is what GitHub
 * goes by; of other partial fingerprints nobody says that they tell two findings in one file apart, so the place counts too.
 */
function uidOf({ run, result }: CheckedResult, asset: ScannedAsset, ruleId: string, place: Place): string {
  const driver = textOf(objectOf(objectOf(run['tool'])?.['driver'])?.['name']) ?? '';
  const partial = objectOf(result['partialFingerprints']);
  const hash = textOf(partial?.['primaryLocationLineHash']);
  const whole = objectOf(result['fingerprints']);
  const own =
    whole !== undefined
      ? [inOrder(whole)]
      : hash !== undefined
        ? [place.path ?? '', hash]
        : [place.shown ?? '', inOrder(partial ?? {}), textOf(objectOf(result['message'])?.['text']) ?? ''];
  return `${cutText(ruleId, 100)}/${digest(JSON.stringify([asset.key, driver, ruleId, ...own]))}`;
}

const inOrder = (texts: JsonObject): string =>
  JSON.stringify(Object.entries(texts).sort(([one], [other]) => (one < other ? -1 : 1)));

function titleOf(rule: JsonObject | undefined, result: JsonObject, ruleId: string): string {
  const title =
    textOf(objectOf(rule?.['shortDescription'])?.['text']) ??
    textOf(objectOf(result['message'])?.['text'])?.split('\n', 1)[0] ??
    textOf(rule?.['name']);
  return cutText(title?.trim() || ruleId, LONGEST_TITLE);
}

const justificationOf = (result: JsonObject): string | undefined =>
  (arrayOf(result['suppressions']) ?? [])
    .map((suppression) => textOf(objectOf(suppression)?.['justification']))
    .find((text) => text !== undefined);

function metadataOf({ run, written, time }: CheckedResult, ruleId: string): Metadata {
  const driver = objectOf(objectOf(run['tool'])?.['driver']);
  return {
    version: OCSF_VERSION,
    product: {
      name: textOf(driver?.['name']) ?? 'unknown scanner',
      vendor_name: textOf(driver?.['organization']) ?? 'unknown',
      version: textOf(driver?.['semanticVersion']) ?? textOf(driver?.['version']),
    },
    log_name: 'SARIF',
    log_version: '2.1.0',
    event_code: ruleId,
    correlation_uid: textOf(objectOf(run['automationDetails'])?.['guid']),
    original_time: written,
    logged_time: written === undefined ? time : undefined,
  };
}
