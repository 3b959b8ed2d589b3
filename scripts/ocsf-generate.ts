/**
 * Compiles the OCSF schema's own files into what the timeline needs of it.
 *
 *   node scripts/ocsf-generate.ts <checkout of ocsf/ocsf-schema at COMMIT>
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './ocsf-compile.ts';
import { readSchemaFiles } from './ocsf-files.ts';
import { typescriptOf } from './ocsf-typescript.ts';

/** The folder that the generated files are written to. */
export const OUTPUT = join(import.meta.dirname, '../pipeline/timeline/ocsf');

const SELECTION = {
  source: {
    repository: 'https://github.com/ocsf/ocsf-schema',
    version: '1.8.0',
    commit: '3dcb905d',
    license: 'Apache-2.0',
    notice:
      'Open Cybersecurity Schema Framework. Copyright © OCSF a Series of LF Projects, LLC.\n' +
      'It includes the ICD Schema developed by Symantec, a division of Broadcom.\n' +
      'Changed: compiled, reduced to the classes and profiles used here, descriptions left out.',
  },
  classes: [
    'account_change',
    'api_activity',
    'application_security_posture_finding',
    'authentication',
    'base_event',
    'compliance_finding',
    'detection_finding',
    'entity_management',
    'group_management',
    'incident_finding',
    'user_access',
    'vulnerability_finding',
  ],
  profiles: ['cloud', 'datetime', 'host', 'incident', 'osint', 'security_control'],
} as const;

/**
 * The text of each generated file, by its name; the same folder always gives the same text.
 * @param folder the root of a checkout of ocsf/ocsf-schema
 * @throws Error where the folder does not hold the version expected
 */
export function generate(folder: string): Record<string, string> {
  const schema = compile(readSchemaFiles(folder), SELECTION);
  return {
    'schema.generated.json': `${layOut(schema, 4)}\n`,
    'types.generated.ts': typescriptOf(schema),
  };
}

/** JSON with objects broken over lines down to a depth, and what is deeper on one line: one attribute, one line. */
function layOut(value: object, depth: number): string {
  if (depth === 0) return JSON.stringify(value);
  const lines = Object.entries(value).map(([key, inner]: [string, unknown]) => {
    const nested = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return `${JSON.stringify(key)}:${nested ? layOut(inner, depth - 1) : JSON.stringify(inner)}`;
  });
  return `{\n${lines.join(',\n')}\n}`;
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) {
    process.stderr.write('usage: node scripts/ocsf-generate.ts <checkout of ocsf/ocsf-schema>\n');
    process.exit(2);
  }
  for (const [name, text] of Object.entries(generate(folder))) writeFileSync(join(OUTPUT, name), text);
}
