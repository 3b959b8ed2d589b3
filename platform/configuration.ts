import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseDuration } from './duration.ts';

/** Thrown for a configuration that cannot be used; its message names file, path and what was expected. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'expected a span such as 30s, 15m, 1h or 2d')
  .transform((text) => parseDuration(text) ?? 0);

const pollTarget = z.strictObject({
  account: z
    .string()
    .regex(/^\d{12}$/, 'expected an AWS account of 12 digits, in quotes')
    .optional(),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected an AWS region such as eu-central-1'),
  roleArn: z.string().startsWith('arn:').optional(),
  externalId: z.string().optional(),
  profile: z.string().optional(),
});

const schema = z.strictObject({
  rules: z
    .strictObject({
      builtin: z.boolean().default(true),
      directories: z.array(z.string()).default([]),
    })
    .prefault({}),
  cloudtrail: z
    .strictObject({
      poll: z
        .strictObject({ targets: z.array(pollTarget).default([]), lookback: duration.prefault('1h') })
        .prefault({}),
    })
    .prefault({}),
  timeline: z.strictObject({ retentionMonths: z.int().min(1).max(120).default(13) }).prefault({}),
});

/** What `crosstrail.yaml` says, defaults filled in. Spans are milliseconds; directories are absolute. */
export type Configuration = z.infer<typeof schema>;

/** The configuration where there is no file. */
export const DEFAULT_CONFIGURATION: Configuration = schema.parse({});

/**
 * Checks the text of a configuration.
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
    const problems = result.error.issues.map(({ path, message }) => `  ${path.join('.') || '(top)'}: ${message}`);
    throw new ConfigurationError(`${file} cannot be used:\n${problems.join('\n')}`);
  }
  const { rules } = result.data;
  const directories = rules.directories.map((directory) => resolve(dirname(file), directory));
  return { ...result.data, rules: { ...rules, directories } };
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
    if (file === undefined) return DEFAULT_CONFIGURATION;
    throw new ConfigurationError(`${path} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
  }
  return parseConfiguration(text, path);
}
