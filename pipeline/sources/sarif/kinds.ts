import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';

/** The parts of a record that say what kind of weakness was found. */
export interface SarifParts {
  readonly run: JsonObject | undefined;
  readonly rule: JsonObject | undefined;
  readonly result: JsonObject;
}

/** Scanners that look for secrets and nothing else, and mark their rules in no way. */
const SECRET_SCANNERS: ReadonlySet<string> = new Set([
  'detect-secrets',
  'ggshield',
  'gitguardian',
  'gitleaks',
  'kingfisher',
  'noseyparker',
  'nosey parker',
  'trufflehog',
  'whispers',
]);

/** Scanners of settings and of infrastructure as code, likewise. */
const SETTING_SCANNERS: ReadonlySet<string> = new Set([
  'ansible-lint',
  'arm-ttk',
  'checkov',
  'kics',
  'kube-linter',
  'kubescape',
  'regula',
  'template-analyzer',
  'templateanalyzer',
  'terrascan',
  'tflint',
  'tfsec',
]);

/** Whether a result tells of a secret that stands in the code: by the tags of its rule (Trivy's, Semgrep's), else by the scanner. */
export const isAboutSecrets = (parts: SarifParts): boolean =>
  tagsOf(parts).some((tag) => /^secrets?$/i.test(tag)) || SECRET_SCANNERS.has(scannerOf(parts));

/** Whether a result tells of a weak setting: likewise. */
export const isAboutSettings = (parts: SarifParts): boolean =>
  tagsOf(parts).some((tag) => /^mis-?configurations?$/i.test(tag)) || SETTING_SCANNERS.has(scannerOf(parts));

/** The tags of a result and of its rule. */
export const tagsOf = ({ rule, result }: SarifParts): string[] => [...tagsIn(rule), ...tagsIn(result)];

const tagsIn = (holder: JsonObject | undefined): string[] =>
  (arrayOf(objectOf(holder?.['properties'])?.['tags']) ?? []).filter((tag: Json) => typeof tag === 'string');

const scannerOf = ({ run }: SarifParts): string =>
  textOf(objectOf(objectOf(run?.['tool'])?.['driver'])?.['name'])?.toLowerCase() ?? '';
