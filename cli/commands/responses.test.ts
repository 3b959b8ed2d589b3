import { DatabaseSync } from 'node:sqlite';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { FOLDER_FILE } from '../../platform/storage/folder.ts';
import { Blocklist, sampleAction } from '../../test/response/sample-action.ts';
import { connectResponses, thisPerson } from '../response/connect-responses.ts';
import { responseStorage } from '../response/response-storage.ts';
import { evidenceCommand } from './evidence.ts';
import { leasesCommand } from './leases.ts';
import { responseCommand } from './response.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;

let folder: string;
let list: Blocklist;
let clock: ManualClock;
let out: string;
let errors: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-responses-'));
  list = new Blocklist();
  clock = new ManualClock(NOW);
  errors = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((errors += String(text)), true));
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const others = () => ({ clock, actions: new Map([['sample-block', sampleAction(list)]]) });

/** Runs a command in process. */
async function crosstrail(...args: readonly string[]): Promise<{ code: typeof process.exitCode; out: string }> {
  const program = new Command().exitOverride();
  evidenceCommand(program);
  leasesCommand(program, others());
  responseCommand(program);
  process.exitCode = 0;
  out = '';
  await program.parseAsync([...args, '--data', folder], { from: 'user' });
  return { code: process.exitCode, out };
}

/** Blocks an address for so long. */
async function block(address: string, lasts: number): Promise<string> {
  const { responses, close } = await connectResponses({ data: folder }, others());
  const { id, state } = await responses.propose({
    ...{ action: 'sample-block', parameters: { list: 'web', address }, mode: 'automatic', lasts },
    ...{ requester: thisPerson(), reason: 'a test' },
  });
  close();
  expect(state).toBe('active');
  return id;
}

it('lists what is held, extends it, takes back what is over, and keeps all of it in the evidence', async () => {
  const late = await block('198.51.100.23', 4 * HOUR);
  const early = await block('198.51.100.24', HOUR);
  const listed = await crosstrail('leases', 'list');
  const [head, first, second] = listed.out.split('\n');
  expect(head).toMatch(/^ENDS \(UTC\) +IN +RESPONSE +ACTION +ON +STATE/);
  expect(first).toMatch(`2026-11-21 13:00:00  1h  ${early.slice(9, 17)}  sample-block  web`);
  expect(second).toContain(late.slice(9, 17));

  expect(await crosstrail('leases', 'sweep')).toEqual({ code: 0, out: 'nothing was due\n' });
  const extended = await crosstrail('leases', 'extend', early.slice(9, 20), '--until', '2h', '--format', 'json');
  expect(JSON.parse(extended.out)).toMatchObject({ response: early, lease: { until: '2026-11-21T14:00:00.000Z' } });
  clock.advance(HOUR + 1000);
  await crosstrail('leases', 'sweep');
  expect([...list.blocked]).toEqual(['198.51.100.23/32', '198.51.100.24/32']);
  clock.advance(HOUR);
  const swept = await crosstrail('leases', 'sweep');
  expect(swept).toMatchObject({ code: 0, out: expect.stringContaining('sample-block: undone') as string });
  expect([...list.blocked]).toEqual(['198.51.100.23/32']);

  expect(await crosstrail('leases', 'undo', late)).toMatchObject({ code: 0 });
  expect(list.blocked.size).toBe(0);
  expect((await crosstrail('leases', 'list')).out).toBe('nothing is held\n');
  await expect(crosstrail('leases', 'undo', late)).rejects.toThrow('holds nothing');

  const intact = await crosstrail('evidence', 'verify');
  expect(intact).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+ entries, intact; the last has the hash [0-9a-f]{64}\n$/) as string,
  });
  const entries = await crosstrail('evidence', 'list', '--response', early.slice(9, 20));
  expect(entries.out).toMatch(/^NUMBER +TIME \(UTC\) +WHAT/);
  expect(entries.out).toMatch(/proposed .* local:.* a test\n/);
  expect(entries.out).toMatch(/ extended .*\n(?:.*\n)*.* undone /);
  expect(entries.out).not.toContain(late.slice(9, 17));
});

it.each([
  ['tomorrow', 'expected a time to come'],
  ['2026-11-20T00:00:00Z', 'expected a time to come'],
  ['9d', 'sample-block holds at most until 2026-11-22T12:00:00.000Z'],
])('does not let anything end at %s', async (until, reason) => {
  const id = await block('198.51.100.23', HOUR);
  await expect(crosstrail('leases', 'extend', id, '--until', until)).rejects.toThrow(reason);
});

it('finds out that an entry was changed, and which', async () => {
  await block('198.51.100.23', HOUR);
  const { out: head } = await crosstrail('evidence', 'verify', '--format', 'json');
  const { entries, head: hash } = JSON.parse(head) as { entries: number; head: string };
  expect(await crosstrail('evidence', 'verify', '--head', hash)).toMatchObject({ code: 0 });
  const other = await crosstrail('evidence', 'verify', '--head', 'a'.repeat(64));
  expect(other).toMatchObject({ code: 1, out: expect.stringContaining('no entry has the hash aaaa') as string });
  await expect(crosstrail('evidence', 'verify', '--head', 'abc')).rejects.toThrow('--head: expected a hash');

  const shown = await crosstrail('evidence', 'show', '1');
  expect(shown.out).toMatch(
    /^entry 1 {2}proposed {2}2026-11-21 12:00:00 UTC\nby {8}local:.*\n(?:.*\n)* {2}reason: a test\n/,
  );
  await expect(crosstrail('evidence', 'show', '999')).rejects.toThrow('there is no entry 999');
  expect(
    (await crosstrail('evidence', 'list', '--limit', '1', '--format', 'json')).out.trim().split('\n'),
  ).toHaveLength(1);

  const database = new DatabaseSync(join(folder, FOLDER_FILE));
  database.prepare("DELETE FROM rows WHERE row = 'evidence|000000000002'").run();
  database.close();
  const broken = await crosstrail('evidence', 'verify');
  expect(broken.code).toBe(1);
  expect(broken.out).toMatch(/^the evidence is broken: entry 2 is missing/);
  expect(entries).toBeGreaterThan(2);
});

it('stops all responses, says so, and lets them go on', async () => {
  expect((await crosstrail('response', 'stop', '--reason', 'a fire')).out).toMatch(
    /^stopped by local:.* since .* UTC: a fire\n$/,
  );
  const { responses, close } = await connectResponses({ data: folder }, others());
  const held = await responses.propose({
    ...{ action: 'sample-block', parameters: { list: 'web', address: '198.51.100.23' }, mode: 'automatic' },
    ...{ requester: thisPerson(), reason: 'a test' },
  });
  close();
  expect(held.steps[0]).toMatchObject({
    state: 'ready',
    problem: expect.stringContaining('stopped all responses') as string,
  });
  expect(list.writes).toEqual([]);
  expect(JSON.parse((await crosstrail('response', 'status', '--format', 'json')).out)).toMatchObject({ stopped: true });
  expect((await crosstrail('response', 'resume')).out).toBe('responses run\n');
});

it('tells of what the folder holds from before there was a deployment', async () => {
  await block('198.51.100.23', HOUR);
  await writeFile(join(folder, 'local.json'), JSON.stringify({ hubs: 'none', storage: 'UseDevelopmentStorage=true' }));
  const { folder: own, close } = await responseStorage(folder);
  close();
  expect(own).toBeUndefined();
  expect(errors).toContain('holds what was done before there was a deployment');
});

it('looks nowhere but where responses are kept', async () => {
  for (const args of [
    ['leases', 'list'],
    ['evidence', 'verify'],
    ['response', 'status'],
  ]) {
    await expect(crosstrail(...args)).rejects.toThrow('no responses are kept here');
  }
});
