import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { approvalSection } from '../../platform/configuration/response/approval.ts';
import { parseConfiguration } from '../../platform/configuration.ts';
import { AUDIENCE, FakeEntraLogin } from '../../test/fakes/entra-login.ts';
import { Blocklist, sampleAction } from '../../test/response/sample-action.ts';
import { approvingPerson } from '../approvals/approving-person.ts';
import { connectResponses } from '../response/connect-responses.ts';
import { approvalsCommand } from './approvals.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const TENANT = '00000000-0000-4000-8000-0000000000aa';
const ANN = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';
const { username: USER } = userInfo();

let folder: string;
let list: Blocklist;
let clock: ManualClock;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-approvals-'));
  list = new Blocklist();
  clock = new ManualClock(NOW);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const others = () => ({ clock, actions: new Map([['sample-block', sampleAction(list)]]) });

/** Runs a command in process. */
async function approvals(...args: readonly string[]): Promise<{ code: typeof process.exitCode; out: string }> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  approvalsCommand(program, others());
  process.exitCode = 0;
  out = '';
  await program.parseAsync(['approvals', ...args, '--data', folder], { from: 'user' });
  return { code: process.exitCode, out };
}

/** Somebody asks for an address to be blocked, with approval. */
async function asked(id = 'local:somebody-else', address = '198.51.100.23'): Promise<string> {
  const { responses, close } = await connectResponses({ data: folder }, others());
  const made = await responses.propose({
    ...{ action: 'sample-block', parameters: { list: 'web', address }, mode: 'approve', reason: 'a test' },
    requester: { id, name: id, aliases: [], by: 'this machine' },
  });
  close();
  expect(made.state).toBe('awaiting-approval');
  return made.id;
}

const hashIn = (page: string): string => /--plan ([0-9a-f]+)/.exec(page)?.[1] ?? expect.fail('no plan is named');

it('lists, shows and approves what waits, as it was shown', async () => {
  const id = await asked();
  const listed = await approvals('list');
  const [head, line] = listed.out.split('\n');
  expect(head).toMatch(/^ID +ENDS \(UTC\) +IN +APPROVED +RESPONSE +ACTIONS/);
  expect(line).toContain(`${id.slice(9, 17)}  2026-11-21 13:00:00  1 h  0 of 1    Block an address in a list`);

  const shown = await approvals('show', id.slice(9, 17));
  for (const text of [
    `Block an address in a list  ${id}`,
    'playbook sample-block, asked for by local:somebody-else',
    '0 of 1 approved; ends in 1 h, 2026-11-21 13:00:00 UTC',
    'Block 198.51.100.23/32 in web',
    '+ "198.51.100.23/32"',
    'undo: Remove 198.51.100.23/32 from web',
    'It is undone by itself after 4 h.',
    `crosstrail approvals decline ${id.slice(9, 17)} --reason <why>`,
  ]) {
    expect(shown.out).toContain(text);
  }
  const done = await approvals('approve', id.slice(9, 20), '--plan', hashIn(shown.out), '--reason', 'seen it');
  expect(done).toEqual({ code: 0, out: `You approved. ${id} is active\n` });
  expect([...list.blocked]).toEqual(['198.51.100.23/32']);
  expect((await approvals('list')).out).toBe('nothing waits for approval\n');
  const after = await approvals('show', id, '--format', 'json');
  expect(JSON.parse(after.out)).toMatchObject({
    ...{ type: 'approval', response: id, open: false, state: 'active' },
    request: { answers: [{ by: `local:${USER}`, verified: 'this machine', answer: 'approve', reason: 'seen it' }] },
    steps: [{ action: 'sample-block', state: 'verified', plan: { changes: [{ id: 'entry' }] } }],
  });
});

it('declines, with a reason, and does nothing', async () => {
  const id = await asked();
  await expect(approvals('decline', id)).rejects.toThrow(/required option '--reason/);
  await expect(approvals('decline', id, '--reason', ' ')).rejects.toThrow('--reason: say why you decline');
  const { code, out: said } = await approvals('decline', id, '--reason', 'our scanner', '--format', 'json');
  expect(code).toBe(0);
  expect(JSON.parse(said)).toMatchObject({
    type: 'answer',
    outcome: 'decided',
    state: 'declined',
    by: `local:${USER}`,
  });
  expect(list.writes).toEqual([]);
  const page = await approvals('show', id);
  expect(page.out).toMatch(/decline: our scanner\n?$/);
  expect(page.out).not.toContain('--plan');
});

describe('does not count', () => {
  it('what names no plan, or another', async () => {
    const id = await asked();
    await expect(approvals('approve', id)).rejects.toThrow(/required option '--plan/);
    await expect(approvals('approve', id, '--plan', 'x')).rejects.toThrow('--plan: expected 12 or more digits');
    const other = await approvals('approve', id, '--plan', '000000000000');
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('The plan changed') as string });
    expect(list.writes).toEqual([]);
  });

  it('what one asked for oneself', async () => {
    const id = await asked(`local:${USER}`);
    const { out: page } = await approvals('show', id);
    const own = await approvals('approve', id, '--plan', hashIn(page));
    expect(own).toMatchObject({ code: 1, out: expect.stringContaining('You asked for this yourself') as string });
    expect(list.writes).toEqual([]);
  });

  it('what comes too late', async () => {
    const id = await asked();
    const { out: page } = await approvals('show', id);
    clock.advance(3_600_000);
    expect((await approvals('list')).out).toBe('nothing waits for approval\n');
    const late = await approvals('approve', id, '--plan', hashIn(page));
    expect(late).toMatchObject({ code: 1, out: expect.stringContaining('expired') as string });
    expect(list.writes).toEqual([]);
  });

  it('what names no response', async () => {
    await asked();
    await expect(approvals('show', 'ffff')).rejects.toThrow('there is no response ffff');
    for (const nothing of ['', ' ', 'response-'])
      await expect(approvals('show', nothing)).rejects.toThrow('expected the id of a response');
  });
});

describe('of a deployment', () => {
  let login: FakeEntraLogin;
  beforeAll(async () => {
    login = await FakeEntraLogin.start(TENANT);
  });
  afterAll(() => login.close());

  const approval = { tenant: TENANT, audience: AUDIENCE, approvers: [ANN] };
  const person = (token: () => Promise<string>, settings: object = approval) => {
    const scopes: string[] = [];
    const found = approvingPerson({
      ...{ clock, inAzure: true },
      configuration: {
        azure: { cloud: 'public', endpoints: { login: login.url } },
        response: { ...parseConfiguration('', 'crosstrail.yaml').response, approval: approvalSection.parse(settings) },
      },
      credential: {
        getToken: async (scope) => {
          scopes.push(String(scope));
          return { token: await token(), expiresOnTimestamp: 0 };
        },
      },
    });
    return found.then((by) => ({ by, scopes }));
  };

  it('people are whom a token for the app registration names', async () => {
    expect(await person(() => login.token(ANN, NOW, { scp: 'user_impersonation' }))).toMatchObject({
      by: { id: `entra:${TENANT}/${ANN}`, by: 'Entra token' },
      scopes: [`${AUDIENCE}/.default`],
    });
  });

  it.each<[string, () => Promise<string>, RegExp, object?]>([
    ['somebody else', () => login.token(BEN, NOW), /none of those who may approve/],
    ['an application', () => login.token(ANN, NOW, { sub: ANN }), /only a person/],
    ['a token for something else', () => login.token(ANN, NOW, { aud: TENANT }), /claim aud/],
    ['an old token', () => login.token(ANN, NOW - 7_200_000), /sign in again/],
    ['nobody', () => Promise.reject(new Error('no credential\nsecret')), /az login --scope .* \(no credential\)$/],
    ['anybody where nothing is configured', () => login.token(ANN, NOW), /response\.approval\.tenant/, {}],
  ])('and not %s', async (_name, token, why, settings) => {
    await expect(person(token, settings)).rejects.toThrow(why);
  });
});

it('says where nothing is kept', async () => {
  const empty = join(folder, 'none');
  const program = new Command().exitOverride();
  approvalsCommand(program, others());
  await expect(program.parseAsync(['approvals', 'list', '--data', empty], { from: 'user' })).rejects.toThrow(
    'no responses are kept here',
  );
});
