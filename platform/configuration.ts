import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { azureSection } from './azure/endpoints.ts';
import { assetsSection, withAssetFiles } from './configuration/assets.ts';
import { awsTarget } from './configuration/aws-target.ts';
import { duration } from './configuration/duration-text.ts';
import { feedsSection } from './configuration/feeds.ts';
import { networkSection, withNetworkFiles } from './configuration/network.ts';
import { responseSection } from './configuration/response.ts';
import { sentinelSection } from './configuration/sentinel.ts';
import { threatIntelSection, withIntelFiles } from './configuration/threat-intel.ts';
import { pipelineIdentities } from './pipeline-identities.ts';
import { schemaMessage } from './schema-message.ts';

/** Thrown for a configuration that cannot be used; its message names file, path and what was expected. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** A network of one's own, by which people and workloads go out, and where it is. */
const network = z.strictObject({
  cidr: z.union([z.cidrv4(), z.cidrv6()], 'expected a network such as 203.0.113.0/24'),
  /** Many share it: where somebody is cannot be told from its addresses. */
  egress: z.boolean().default(false),
  /** Degrees. */
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
});

const asset = z.strictObject({
  id: z.string().min(1).max(1024),
  weight: z.number().min(0).max(1),
});

const PLACEHOLDER_NAME = 'expected a name of letters, digits and underscores, without percent signs';

/** A number would lose what it is written with, such as the zero before an account. */
const placeholderText = z.string('expected a text; put numbers in quotes').max(4096);

/** What `%name%` stands for in rules, by name: texts of Sigma, in which wildcards are wildcards. */
const placeholders = z
  .record(
    z.string().regex(/^[\p{L}\p{N}_]{1,128}$/u),
    z.preprocess(
      (value): unknown => (Array.isArray(value) ? value : [value]),
      z.array(placeholderText).min(1, 'expected one or more texts').max(10_000),
    ),
    { error: ({ code }) => (code === 'invalid_key' ? PLACEHOLDER_NAME : 'expected a map of names and texts') },
  )
  .transform((values): ReadonlyMap<string, readonly string[]> => new Map(Object.entries(values)));

const schema = z.strictObject({
  rules: z
    .strictObject({
      builtin: z.boolean().default(true),
      directories: z.array(z.string()).default([]),
      /** Whether rules in TypeScript, which are code, may run from these directories. */
      typescript: z.boolean().default(false),
      placeholders: placeholders.prefault({}),
      /** From one look at the files of rules to the next; `0s`: they are read once. */
      reload: duration.prefault('30s'),
    })
    .prefault({}),
  /** Which sources send records, by id; which there are is known where they are read. */
  sources: z.strictObject({ connected: z.array(z.string()).optional() }).prefault({}),
  exceptions: z.strictObject({ directories: z.array(z.string()).optional() }).prefault({}),
  cloudtrail: z
    .strictObject({
      poll: z.strictObject({ targets: z.array(awsTarget).default([]), lookback: duration.prefault('1h') }).prefault({}),
    })
    .prefault({}),
  /** How events are joined across sources. */
  correlation: z
    .strictObject({
      /** How long after its time an event of a source may still come, by the id of the source. */
      lateness: z.record(z.string(), duration).prefault({}),
      /** Alerts further apart than this are not joined, unless what is between them joins both. */
      horizon: duration.prefault('24h'),
      /** More observations than this are not held in memory. */
      maxObservations: z.int().min(1000).max(10_000_000).default(500_000),
      networks: z.array(network).max(10_000).default([]),
      /** What is worth more than other things, and how much: incidents that touch it score higher. */
      assets: z.array(asset).max(10_000).default([]),
    })
    .prefault({}),
  /** Who is who: a snapshot of directories, in JSON or CSV. */
  identity: z.strictObject({ directory: z.string().optional() }).prefault({}),
  /** Which identities deploy, and what only they are to change. */
  posture: z.strictObject({ pipelines: pipelineIdentities }).prefault({}),
  azure: azureSection,
  feeds: feedsSection,
  assets: assetsSection,
  threatIntel: threatIntelSection,
  network: networkSection,
  sentinel: sentinelSection,
  response: responseSection,
  timeline: z.strictObject({ retentionMonths: z.int().min(1).max(120).default(13) }).prefault({}),
});

/** What `crosstrail.yaml` says, defaults filled in. Spans are milliseconds; directories are absolute. */
export interface Configuration extends Omit<z.infer<typeof schema>, 'exceptions'> {
  /** The file that says it; undefined where there is none, or it says nothing. */
  readonly file: string | undefined;
  readonly exceptions: { readonly directories: readonly string[] };
}

/** Where exceptions are, beside the configuration, if it does not say. */
const EXCEPTIONS = 'exceptions';

/**
 * Checks the text of a configuration, and looks whether there are exceptions beside it.
 * @param file named in errors, and the place from which relative directories count
 * @throws ConfigurationError
 */
export function parseConfiguration(text: string, file: string): Configuration {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 20 });
  } catch (error) {
    throw new ConfigurationError(`${file}: not valid YAML: ${error instanceof Error ? error.message : 'unknown'}`);
  }
  const result = schema.safeParse(value ?? {});
  if (!result.success) {
    const problems = result.error.issues.map(
      (issue) => `  ${issue.path.join('.') || '(top)'}: ${schemaMessage(issue)}`,
    );
    throw new ConfigurationError(`${file} cannot be used:\n${problems.join('\n')}`);
  }
  const { rules, exceptions, identity } = result.data;
  const absolute = (directory: string): string => resolve(dirname(file), directory);
  return {
    ...result.data,
    file: isEmpty(value) ? undefined : file,
    identity: { directory: identity.directory === undefined ? undefined : absolute(identity.directory) },
    rules: { ...rules, directories: rules.directories.map(absolute) },
    assets: withAssetFiles(result.data.assets, absolute),
    threatIntel: withIntelFiles(result.data.threatIntel, absolute),
    network: withNetworkFiles(result.data.network, absolute),
    exceptions: { directories: exceptions.directories?.map(absolute) ?? [absolute(EXCEPTIONS)].filter(isFolder) },
  };
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || Object.keys(value).length === 0;

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/**
 * Reads the configuration.
 * @param file when given it must exist; otherwise `crosstrail.yaml` in the working directory is read where there is one
 * @throws ConfigurationError
 */
export async function loadConfiguration(file?: string): Promise<Configuration> {
  const path = resolve(file ?? 'crosstrail.yaml');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (file === undefined && absent) return parseConfiguration('', path);
    throw new ConfigurationError(`${path} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
  }
  return parseConfiguration(text, path);
}
