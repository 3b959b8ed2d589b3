import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EvidenceLog } from '../../../pipeline/response/evidence.ts';
import { folderStorage } from '../../../platform/storage/folder.ts';
import { Blocklist, sampleAction } from '../../../test/response/sample-action.ts';
import type { Terminal } from '../../response/confirm.ts';
import { UnusableInputError } from '../../scan/files.ts';
import { playbooksCommand } from './index.ts';
import { run, type RunOptions } from './run.ts';
import { undo } from './undo.ts';

const PARAMETERS = ['list=web', 'address=198.51.100.23'];

let folder: string;
let list: Blocklist;
let said: { out: string; errors: string };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-playbooks-'));
  list = new Blocklist();
  said = { out: '', errors: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.errors += String(text)), true));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const actions = () => new Map([['sample-block', sampleAction(list)]]);
const options = (more: Partial<RunOptions> = {}): RunOptions => ({
  ...{ data: folder, param: PARAMETERS, format: 'json', yes: true, ...more },
});
const doIt = (more?: Partial<RunOptions>, terminal?: Terminal) =>
  run('sample-block', options(more), actions(), terminal);
const takeBack = (what = 'sample-block', more?: Partial<RunOptions>) => undo(what, options(more), actions());
const object = (): Record<string, unknown> => {
  const last = said.out.trim().split('\n').at(-1) ?? '';
  return JSON.parse(last) as Record<string, unknown>;
};

/** A terminal at which somebody types. */
function terminalOf(answer: string): Terminal {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  input.end(answer);
  return { input, output: Object.assign(new PassThrough(), { isTTY: true }) };
}

it('does what was asked once, keeps it in the folder, and takes it back by another command', async () => {
  expect(await doIt()).toBe(0);
  expect(object()).toMatchObject({
    type: 'response',
    response: expect.stringMatching(/^response-[0-9a-f]{32}$/) as string,
    state: 'verified',
    action: 'sample-block',
    parameters: { address: '198.51.100.23/32' },
    plan: { changes: [{ before: null, after: '198.51.100.23/32' }] },
    guards: [],
    verification: [{ change: 'entry', state: 'made', seen: { is: 'held' } }],
  });
  expect(said.errors).toContain(`crosstrail leases sweep --data ${folder}`);
  expect(await takeBack()).toBe(0);
  expect(object()).toMatchObject({ state: 'undone', verification: [{ state: 'taken-back' }] });
  expect(list.writes).toEqual(['block 198.51.100.23/32', 'unblock 198.51.100.23/32']);
  // Again: nothing is left to do.
  expect(await takeBack()).toBe(0);
  expect(list.writes).toHaveLength(2);
  const { tables, blobs, close } = folderStorage(folder);
  const check = await new EvidenceLog({ tables, blobs }).verify();
  close();
  expect(check).toMatchObject({ problems: [] });
  expect(check.entries).toBeGreaterThan(5);
});

it('takes back by the beginning of the id of the response, and holds as long as told', async () => {
  await doIt({ lease: '1h' });
  const { response, lease, executed } = object();
  expect(Date.parse((lease as { until: string }).until) - Date.parse(String(executed))).toBeLessThanOrEqual(3_600_000);
  expect(await takeBack(String(response).slice(9, 20), { param: [] })).toBe(0);
  expect(list.blocked.size).toBe(0);
});

it('asks at a terminal, shows the plan before, and does nothing at a no', async () => {
  expect(await doIt({ yes: false, format: 'table' }, terminalOf('no\n'))).toBe(1);
  expect(said.out).toContain('what changes\n  Block 198.51.100.23/32 in web');
  expect(said.errors).toContain('nothing was done');
  expect(await doIt({ yes: false }, terminalOf(''))).toBe(1);
  expect(list.writes).toEqual([]);
  expect(await doIt({ yes: false, format: 'table' }, terminalOf('yes\n'))).toBe(0);
  expect(said.out).toMatch(
    /sample-block: verified.*\n {2}Block .* in place, seen held\n {2}ends by itself at .* UTC\n/,
  );
  expect(list.writes).toHaveLength(1);
});

it('refuses to go on where nobody can be asked', async () => {
  const nobody = { input: new PassThrough(), output: new PassThrough() };
  await expect(doIt({ yes: false }, nobody)).rejects.toThrow('there is no terminal to ask at: add --yes');
  expect(list.writes).toEqual([]);
  // Who says undo where nobody can be asked means it; at a terminal they are asked.
  await doIt();
  expect(await undo('sample-block', options({ yes: false }), actions(), terminalOf('no\n'))).toBe(1);
  expect(list.blocked.size).toBe(1);
  expect(await undo('sample-block', options({ yes: false }), actions(), nobody)).toBe(0);
  expect(list.blocked.size).toBe(0);
});

it('does nothing where a guard refuses, and says which', async () => {
  // The list is not there, which nobody finds out: such an address reaches no service.
  expect(await doIt({ param: ['list=gone', 'address=127.0.0.1'] })).toBe(1);
  expect(object()).toMatchObject({ state: 'refused', refused: true, response: null });
  expect(said.errors).toContain('nothing was done: never-network refuses: ');
  expect(list.writes).toEqual([]);
});

it('takes the yes of the person at the command where a guard asks for one, and shows what it asks', async () => {
  const final = new Map([['sample-block', { ...sampleAction(list), reversibility: 'irreversible' as const }]]);
  expect(await run('sample-block', options({ yes: false, format: 'table' }), final, terminalOf('yes\n'))).toBe(0);
  expect(said.out).toMatch(/guards\n {2}ask {5}irreversible: .*cannot be taken back/);
  expect(list.writes).toHaveLength(1);
});

it('does not reach the effect, and says so with status 1', async () => {
  const action = sampleAction(list);
  const broken = new Map([
    [
      'sample-block',
      { ...action, verify: () => Promise.resolve({ is: 'ineffective', why: 'rule 90 allows it' } as const) },
    ],
  ]);
  expect(await run('sample-block', options(), broken)).toBe(1);
  expect(object()).toMatchObject({ state: 'unverified', verified: false });
  expect(JSON.stringify(object())).toContain('rule 90 allows it');
});

it('tells of what somebody changed since without a word of what was seen before, or of an end by itself', async () => {
  await doIt();
  const changed = {
    ...sampleAction(list),
    verify: () => Promise.resolve({ is: 'changed', why: 'it is edited' } as const),
  };
  expect(await undo('sample-block', options({ format: 'table' }), new Map([['sample-block', changed]]))).toBe(1);
  expect(said.out).toContain(
    'sample-block: undo-refused, list web\n  left as it is, for somebody else changed it since',
  );
  expect(said.out).toContain('  Block 198.51.100.23/32 in web: not taken back\n');
  expect(said.out.slice(said.out.indexOf('undo-refused'))).not.toMatch(/seen held|ends by itself/);
  expect(list.blocked.size).toBe(1);
});

it.each([
  [{ param: ['list=gone', 'address=198.51.100.23'] }, 'there is no list gone'],
  [{ param: ['list=web', 'address=0.0.0.0/0'] }, 'expected an address, or a network no wider than /16'],
  [{ lease: '2d' }, '--lease: sample-block holds at most 1d'],
  [{ lease: 'soon' }, '--lease: expected a span such as 4h, found soon'],
  [{ incident: 'ab12' }, 'no deployment to talk to'],
])('cannot run with %j', async (more, reason) => {
  const ended = doIt(more);
  await expect(ended).rejects.toThrow(UnusableInputError);
  await expect(ended).rejects.toThrow(reason);
});

it('cannot undo what it never did, and makes no place for it', async () => {
  await expect(takeBack()).rejects.toThrow('no responses are kept here');
  expect(await readdir(folder)).toEqual([]);
  await doIt({ param: ['list=web', 'address=198.51.100.24'] });
  await expect(takeBack()).rejects.toThrow('nothing that sample-block did with these parameters is kept here');
  await expect(takeBack('abcd', { param: [] })).rejects.toThrow('there is no response abcd');
  await expect(takeBack('no-such')).rejects.toThrow('there is no action no-such; there are sample-block');
});

it('lists actions, playbooks and bindings, and refuses what cannot be used with status 2', async () => {
  await writeFile(
    join(folder, 'crosstrail.yaml'),
    'response:\n  playbooks:\n    block: { steps: [{ action: nsg-deny }] }\n  bindings: [{ name: all, playbook: block }]\n',
  );
  const program = new Command().exitOverride();
  playbooksCommand(program);
  const config = join(folder, 'crosstrail.yaml');
  await program.parseAsync(['playbooks', 'list', '--config', config], { from: 'user' });
  expect(said.out).toMatch(/^ACTION +WHAT IT DOES/);
  expect(said.out).toMatch(/playbooks\n {2}block: nsg-deny\n\nbindings\n {2}all: block, observe, when any incident\n/);
  await writeFile(join(folder, 'bad.yaml'), 'response: { playbooks: { a: { steps: [{ action: nsg-denyy }] } } }');
  await expect(
    program.parseAsync(['playbooks', 'list', '--config', join(folder, 'bad.yaml')], { from: 'user' }),
  ).rejects.toThrow('response.playbooks.a.steps.0.action: there is no action nsg-denyy');
  said.out = '';
  await program.parseAsync(['playbooks', 'list', '--config', config, '--format', 'json'], { from: 'user' });
  expect(object()).toMatchObject({ type: 'playbooks', bindings: [{ name: 'all', mode: 'observe' }] });
});
