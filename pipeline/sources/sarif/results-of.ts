import { arrayOf, isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { lengthOf, RECEIVED, receivedText, TakenReport, wholeRoom, type Report, type Room } from '../report.ts';
import { withoutCredentials } from '../shared/code-repository.ts';
import { digest } from '../shared/event-id.ts';
import { pick, type Shape } from '../shared/pick.ts';
import { isAboutSecrets } from './kinds.ts';

/** The version of the format that is read. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export const SARIF_VERSION = '2.1.0';

/** What of a run each of its results carries. No command lines: they hold passwords. */
const RUN: Shape = {
  tool: {
    driver: { name: 'text', fullName: 'text', organization: 'text', version: 'text', semanticVersion: 'text' },
  },
  automationDetails: { id: 'text', guid: 'text', correlationGuid: 'text' },
  invocations: [{ startTimeUtc: 'text', endTimeUtc: 'text', executionSuccessful: 'flag' }],
  versionControlProvenance: [{ repositoryUri: 'address', revisionId: 'text', branch: 'text' }],
  properties: { imageName: 'address', imageID: 'text', repoTags: 'texts', repoDigests: 'texts' },
};

const RULE: Shape = {
  id: 'text',
  name: 'text',
  shortDescription: { text: 'text' },
  fullDescription: { text: 'text' },
  helpUri: 'address',
  defaultConfiguration: { level: 'text' },
  properties: { tags: 'texts', 'security-severity': 'text', precision: 'text' },
};

/** No snippets, fixes and code flows: they are excerpts of code, in which secrets stand. */
const RESULT: Shape = {
  ruleId: 'text',
  ruleIndex: 'number',
  guid: 'text',
  correlationGuid: 'text',
  kind: 'text',
  level: 'text',
  baselineState: 'text',
  message: { text: 'text', id: 'text' },
  locations: [
    {
      physicalLocation: {
        artifactLocation: { uri: 'address', uriBaseId: 'text' },
        region: { startLine: 'number', startColumn: 'number', endLine: 'number', endColumn: 'number' },
      },
      logicalLocations: [{ fullyQualifiedName: 'text', name: 'text', kind: 'text' }],
    },
  ],
  suppressions: [{ kind: 'text', status: 'text', justification: 'text' }],
  provenance: { firstDetectionTimeUtc: 'text', lastDetectionTimeUtc: 'text' },
  hostedViewerUri: 'address',
  properties: { tags: 'texts', 'security-severity': 'text' },
};

/** Rules are looked for in so many extensions of a tool. */
const MAX_EXTENSIONS = 100;
/** So many fingerprints of a result are kept. */
const MAX_FINGERPRINTS = 8;

/**
 * Takes a SARIF log apart: a record for each result, `{ sarif, run, rule, result, received }`, where `run` is what the result needs of its run and `rule`
 * the rule that it names, found as the specification says (3.27.5 to 3.27.7, 3.52). Each record is bounded, and so is all that they repeat.
 * @param room for records of the body that the log stands in
 * @returns undefined where the object is no SARIF log of a version that is read
 */
export function sarifResults(
  log: JsonObject,
  received: number | undefined,
  room: Room = wholeRoom(),
): Report | undefined {
  const runs = log['version'] === SARIF_VERSION ? arrayOf(log['runs']) : undefined;
  if (runs === undefined) return undefined;
  const taken = new TakenReport(room);
  const time = receivedText(received);
  for (const [at, run] of runs.entries()) {
    if (taken.isFull) break;
    if (!isObject(run)) taken.reject(`runs.${at}: expected an object`);
    else addResults(run, time, taken, `runs.${at}`);
  }
  return taken;
}

function addResults(run: JsonObject, received: string | undefined, taken: TakenReport, place: string): void {
  if (run['results'] === undefined && objectOf(run['externalPropertyFileReferences'])?.['results'] !== undefined) {
    taken.reject(
      `${place}: its results stand in files of their own (externalPropertyFileReferences); write them into the log`,
    );
  }
  const context = pick(run, RUN) ?? {};
  const base = rootOf(run);
  if (base !== undefined) context['root'] = base;
  const rules = new Rules(run);
  const length = lengthOf(context);
  for (const result of arrayOf(run['results']) ?? []) {
    if (taken.isFull) break;
    if (!isObject(result)) taken.reject(`${place}.results: expected objects`);
    else {
      const rule = rules.of(result);
      taken.add(recordOf(result, context, rule, received), length + rules.lengthOf(rule));
    }
  }
}

function recordOf(
  result: JsonObject,
  run: JsonObject,
  rule: JsonObject | undefined,
  received: string | undefined,
): JsonObject {
  const picked = pick(result, RESULT) ?? {};
  const isSecret = isAboutSecrets({ run, rule, result: picked });
  // A fingerprint of a secret may be the secret, or the message of the commit that it came with.
  const prints = fingerprints(result, isSecret ? digest : (text) => text);
  return {
    sarif: SARIF_VERSION,
    run,
    ...(rule !== undefined && { rule: isSecret ? withoutQuotes(rule) : rule }),
    result: { ...(isSecret ? withoutQuotes(picked) : picked), ...prints },
    ...(received !== undefined && { [RECEIVED]: received }),
  };
}

/**
 * What a scanner for secrets says of a place may quote what it found there; Trivy writes the line of the first into the description of the rule
 * (pkg/report/sarif.go).
 */
function withoutQuotes({ message: _message, fullDescription: _description, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** The folder to which locations are relative, under the names that scanners give it. */
function rootOf(run: JsonObject): string | undefined {
  const bases = objectOf(run['originalUriBaseIds']);
  for (const name of ['%SRCROOT%', 'SRCROOT', 'ROOTPATH', 'PROJECTROOT']) {
    const uri = textOf(objectOf(bases?.[name])?.['uri']);
    if (uri !== undefined) return withoutCredentials(uri.slice(0, 500));
  }
  return undefined;
}

function fingerprints(result: JsonObject, shown: (text: string) => string): JsonObject {
  const picked: JsonObject = {};
  for (const name of ['fingerprints', 'partialFingerprints']) {
    const entries = Object.entries(objectOf(result[name]) ?? {})
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== '__proto__')
      .slice(0, MAX_FINGERPRINTS)
      .map(([key, value]) => [key.slice(0, 100), shown(value).slice(0, 500)] as const);
    if (entries.length > 0) picked[name] = Object.fromEntries(entries);
  }
  return picked;
}

/** The rules of a run: those of its driver, and of each of its extensions. Each is made once, however many results name it. */
class Rules {
  readonly #driver: RuleList;
  readonly #extensions: readonly RuleList[];
  readonly #lengths = new Map<JsonObject, number>();

  constructor(run: JsonObject) {
    const tool = objectOf(run['tool']);
    this.#driver = new RuleList(objectOf(tool?.['driver'])?.['rules']);
    this.#extensions = (arrayOf(tool?.['extensions']) ?? [])
      .slice(0, MAX_EXTENSIONS)
      .map((extension) => new RuleList(objectOf(extension)?.['rules']));
  }

  of(result: JsonObject): JsonObject | undefined {
    const reference = objectOf(result['rule']);
    const component = objectOf(reference?.['toolComponent'])?.['index'];
    const list = typeof component === 'number' ? this.#extensions[component] : this.#driver;
    const index = reference?.['index'] ?? result['ruleIndex'];
    const id = textOf(result['ruleId']) ?? textOf(reference?.['id']);
    const found =
      (typeof index === 'number' ? list?.at(index) : undefined) ?? (id === undefined ? undefined : list?.named(id));
    if (found !== undefined || id === undefined) return found;
    for (const extension of this.#extensions) {
      const rule = extension.named(id);
      if (rule !== undefined) return rule;
    }
    return undefined;
  }

  /** How long a rule that was found is as JSON. */
  lengthOf(rule: JsonObject | undefined): number {
    if (rule === undefined) return 0;
    const length = this.#lengths.get(rule) ?? lengthOf(rule);
    this.#lengths.set(rule, length);
    return length;
  }
}

class RuleList {
  readonly #rules: readonly Json[];
  readonly #picked = new Map<number, JsonObject | undefined>();
  #places: Map<string, number> | undefined;

  constructor(rules: Json | undefined) {
    this.#rules = arrayOf(rules) ?? [];
  }

  at(index: number): JsonObject | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.#rules.length) return undefined;
    if (!this.#picked.has(index)) this.#picked.set(index, pickRule(this.#rules[index]));
    return this.#picked.get(index);
  }

  /** The rule of an id, or of what stands before its last slash: `CA1000/1` is a case of `CA1000`. */
  named(id: string): JsonObject | undefined {
    this.#places ??= new Map(
      this.#rules.map((rule, at): [string, number] => [textOf(objectOf(rule)?.['id']) ?? '', at]).reverse(),
    );
    const slash = id.lastIndexOf('/');
    const place = this.#places.get(id) ?? (slash > 0 ? this.#places.get(id.slice(0, slash)) : undefined);
    return place === undefined ? undefined : this.at(place);
  }
}

/** Scores are texts by GitHub's word, and numbers in some reports. */
function pickRule(rule: Json | undefined): JsonObject | undefined {
  const picked = pick(rule, RULE);
  const score = objectOf(objectOf(rule)?.['properties'])?.['security-severity'];
  const properties = objectOf(picked?.['properties']);
  if (typeof score === 'number' && properties !== undefined) properties['security-severity'] = String(score);
  return picked;
}
