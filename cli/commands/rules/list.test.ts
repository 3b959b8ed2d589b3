import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ended } from '../../../test/command.ts';

const rule = (id: string, title: string): object => ({
  title,
  id,
  logsource: { product: 'aws', service: 'cloudtrail' },
  detection: { selection: { eventName: 'A' }, condition: 'selection' },
});
const correlation = {
  title: 'Many of what is configured',
  correlation: { type: 'event_count', rules: ['configured'], timespan: '5m', condition: { gte: 3 } },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-list-'));
  const files = {
    'configured/a.yml': rule('configured', 'Configured'),
    'more/b.yml': rule('more', 'More \u001b[2J'),
    'many/c.yml': correlation,
    'taken/d.yml': rule('configured', 'Another'),
    'own/crosstrail.yaml': { rules: { builtin: false, directories: ['../configured'] } },
    'none/crosstrail.yaml': { rules: { builtin: false } },
  };
  for (const name of ['configured', 'more', 'many', 'taken', 'own', 'none', 'empty']) await mkdir(join(folder, name));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command in one of the folders. */
function list(where: string, ...args: string[]): Promise<Ended> {
  return runCommand(join(folder, where), ['rules', 'list', ...args]);
}

const idsOf = ({ out }: { readonly out: string }): string[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => /"id":"([^"]*)"/.exec(line)?.[1] ?? '');

describe('rules list', () => {
  it('shows the rules in use: those of the configuration and of --rules, beside those built in', async () => {
    expect(idsOf(await list('own', '--rules', '../more', '--format', 'ndjson'))).toEqual(['configured', 'more']);
    const { out } = await list('empty', '--rules', '../more');
    expect(out).toContain('CloudTrail trail stopped or deleted');
    expect(out).toContain('More ?[2J');
  });

  it('shows those of directories alone, which may refer to others in use', async () => {
    const { code, out, errors } = await list('own', '../many', '--format', 'ndjson');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(idsOf({ out })).toEqual(['many-of-what-is-configured']);
  });

  it('says why a rule cannot be used', async () => {
    const { code, out, errors } = await list('own', '../taken');
    expect({ code, out }).toEqual({ code: 2, out: 'no rules\n' });
    expect(errors).toContain('rule not used: ../taken/d.yml:1: the id configured is taken by the rule at');
  });

  it('takes a directory without rules for a mistake, but not a configuration without', async () => {
    const { code, errors } = await list('own', '../empty');
    expect({ code, errors }).toEqual({
      code: 2,
      errors: 'crosstrail: there are no rules in ../empty; rules are files *.yml, *.yaml and *.rule.ts\n',
    });
    expect((await list('own', '--rules', '../empty')).code).toBe(2);
    expect(await list('none')).toEqual({ code: 0, out: 'no rules\n', errors: '' });
  });
});
