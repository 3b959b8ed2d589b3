import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ended } from '../../../test/command.ts';

const rule = (title: string, logsource: object, ...tags: string[]): string =>
  JSON.stringify({ title, logsource, tags, detection: { selection: { a: 'b' }, condition: 'selection' } });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-coverage-'));
  const rules = {
    'rules/shared.yml': rule('Snapshot shared', { product: 'aws', service: 'cloudtrail' }, 'attack.t1537'),
    // An id of v18, and a title that would clear the screen.
    'rules/stopped.yml': rule('Logs \u001b[2J cut', { product: 'azure', service: 'activitylogs' }, 'attack.t1562.008'),
    'rules/elsewhere.yml': rule('Elsewhere', { product: 'gcp', service: 'gcp.audit' }, 'attack.t1005'),
    'together/password.yml': rule('Wrong password', { product: 'azure', service: 'signinlogs' }),
    'together/guessed.yml': JSON.stringify({
      title: 'Passwords guessed',
      tags: ['attack.t1110.001'],
      correlation: {
        type: 'event_count',
        rules: ['wrong-password'],
        'group-by': ['a'],
        timespan: '5m',
        condition: { gte: 10 },
      },
    }),
    'broken/broken.yml': 'title: [\n',
    'entra.yaml': 'sources: { connected: [entra] }',
    'wrong.yaml': 'sources: { connected: [syslog] }',
    'own.yaml': 'rules: { builtin: false, directories: [rules] }',
  };
  for (const name of ['rules', 'together', 'broken']) await mkdir(join(folder, name));
  for (const [name, text] of Object.entries(rules)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command in the folder, so that no configuration of the project counts. */
function coverage(...args: readonly string[]): Promise<Ended> {
  return runCommand(folder, ['rules', 'coverage', ...args]);
}

const linesOf = ({ out }: Ended): unknown[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

describe('crosstrail rules coverage', () => {
  it('shows techniques by tactic, and counts the whole matrix', async () => {
    const { code, out, errors } = await coverage('rules', '--connected', 'cloudtrail', 'entra');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toMatch(/^Exfiltration +T1537 +Transfer Data to Cloud Account +connected +1 +Snapshot shared$/m);
    expect(out).toMatch(
      /^Defense Impairment +T1685\.002 +Disable or Modify Cloud Log +not connected +1 +Logs \?\[2J cut$/m,
    );
    expect(out).toMatch(/^not of the cloud +T1005 +not connected +1 +Elsewhere$/m);
    expect(out).toMatch(/^Exfiltration +1 +0 +4 +5$/m);
    expect(out).toMatch(/^cloud matrix +1 +2 +166 +169$/m);
    expect(out).toContain('3 rules: 1 with their source connected (cloudtrail, entra), 1 without, 1 of log sources');
    expect(out).not.toContain('T1530');
    expect(out).not.toContain('\u001b');
  });

  it('lists what has no rule where that is asked for', async () => {
    const { out } = await coverage('rules', '--without-rule');
    expect(out).toMatch(/^Collection +T1530 +Data from Cloud Storage +no rule +0$/m);
  });

  it('takes every source for connected unless told, by the configuration or, before it, by the option', async () => {
    const connected = async (...args: string[]) =>
      linesOf(await coverage('rules', '--format', 'ndjson', ...args)).at(-1);
    expect(await connected()).toMatchObject({ rules: { connected: 2, 'not-connected': 0, 'no-source': 1 } });
    expect(await connected('--config', 'entra.yaml')).toMatchObject({ rules: { connected: 0, 'not-connected': 2 } });
    expect(await connected('--config', 'entra.yaml', '--connected', 'azure-activity')).toMatchObject({
      rules: { connected: 1, 'not-connected': 1 },
    });
  });

  it('takes sources one by one or with commas', async () => {
    const { out } = await coverage('rules', '--connected', 'entra,cloudtrail', 'aks-audit');
    expect(out).toContain('(cloudtrail, entra, aks-audit)');
  });

  it('ndjson: a technique a line, the summary last', async () => {
    const lines = linesOf(await coverage('rules', '--format', 'ndjson', '--connected', 'cloudtrail'));
    expect(lines).toHaveLength(5);
    expect(lines[1]).toEqual({
      type: 'technique',
      id: 'T1537',
      name: 'Transfer Data to Cloud Account',
      tactics: ['exfiltration'],
      status: 'connected',
      rules: [{ id: 'snapshot-shared', title: 'Snapshot shared', level: 'medium', source: 'connected' }],
    });
    expect(lines[3]).toMatchObject({ id: 'T1685.002', status: 'not-connected', rules: [{ title: 'Logs ?[2J cut' }] });
    expect(lines[4]).toEqual({
      type: 'summary',
      techniques: { connected: 1, 'not-connected': 2, 'no-rule': 166 },
      rules: { connected: 1, 'not-connected': 1, 'no-source': 1 },
      withoutTechnique: 0,
    });
    const all = linesOf(await coverage('rules', '--format', 'ndjson', '--without-rule'));
    expect(all).toHaveLength(169 + 1 + 1);
  });

  it('measures correlation rules by the sources of the rules that they name', async () => {
    const lines = async (source: string) =>
      linesOf(await coverage('together', '--format', 'ndjson', '--connected', source)).slice(1);
    expect(await lines('entra')).toMatchObject([
      { id: 'T1110.001', status: 'connected', rules: [{ title: 'Passwords guessed', source: 'connected' }] },
      { rules: { connected: 2 }, withoutTechnique: 1 },
    ]);
    expect(await lines('cloudtrail')).toMatchObject([{ status: 'not-connected' }, { rules: { 'not-connected': 2 } }]);
  });

  it('writes a layer for Navigator, and goes on with the table; to standard output it writes that alone', async () => {
    const { out } = await coverage('rules', '--navigator', 'layer.json');
    expect(out).toContain('cloud matrix');
    const written = await readFile(join(folder, 'layer.json'), 'utf8');
    expect(JSON.parse(written)).toMatchObject({
      versions: { attack: '19', layer: '4.5' },
      domain: 'enterprise-attack',
    });
    expect(written).toContain('Logs ?[2J cut');
    expect((await coverage('rules', '--navigator', '-')).out).toBe(written);
  });

  it('measures the rules in use where no directory is named: those of the configuration, and those built in', async () => {
    const builtin = linesOf(await coverage('--format', 'ndjson')).at(-1);
    expect(builtin).toMatchObject({ rules: { 'not-connected': 0, 'no-source': 0 }, withoutTechnique: 0 });
    const own = linesOf(await coverage('--format', 'ndjson', '--config', 'own.yaml')).at(-1);
    expect(own).toMatchObject({ rules: { connected: 2, 'no-source': 1 } });
  });

  it('2 where a rule is unusable, after telling of the others', async () => {
    const { code, out, errors } = await coverage('rules', 'broken');
    expect(code).toBe(2);
    expect(out).toContain('3 rules');
    expect(errors).toMatch(/^crosstrail: rule not used: broken\/broken\.yml:\d+: /);
  });

  it.each([
    ["--connected: no source is called 'syslog'; there are cloudtrail, entra", ['--connected', 'syslog']],
    ["sources.connected of the configuration: no source is called 'syslog'", ['--config', 'wrong.yaml']],
    ['the directory of rules none cannot be read', ['none']],
    ['the layer cannot be written: ', ['rules', '--navigator', 'nowhere/layer.json']],
    ['Allowed choices are table, ndjson', ['--format', 'csv']],
  ])('2 with a clear message and no stack: %s', async (message, args) => {
    const { code, errors } = await coverage(...args);
    expect(code).toBe(2);
    expect(errors).toContain(message);
    expect(errors).not.toMatch(/^\s+at /m);
  });
});
