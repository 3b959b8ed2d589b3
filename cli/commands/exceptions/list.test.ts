import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand, type Ended } from '../../../test/command.ts';

const RULE = '0b7d3c52-1f7e-4c39-9d6b-5a0f6f1f2a01';
const NOW = Date.now();
/** In the middle of one of the coming days, counted from now, so that no midnight comes between. */
const moment = (days: number) => new Date(NOW + (days - 0.5) * 86_400_000).toISOString();

const exception = (id: string, expires: number, review: number, more: object = {}): string =>
  JSON.stringify({
    title: `About ${id}`,
    id,
    rules: [RULE],
    detection: { selection: { 'userIdentity.arn|endswith': ':user/ann' }, condition: 'selection' },
    owner: 'cloud-security',
    reason: 'Ann moves all trails to the new account.',
    expires: moment(expires),
    review: moment(review),
    ...more,
  });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-exceptions-'));
  const active = exception('later', 300, 290, { rules: ['unheard-of', RULE], ticket: 'OPS-7' });
  for (const [name, ...files] of [
    ['exceptions', active, exception('soon', 5, 1)],
    ['due', exception('due', 5, -1)],
    ['old', active, exception('old', -3, -3, { title: 'Old \x1b[2J' })],
    ['bad', active, exception('wide', 5, 5, { detection: { selection: { f: '*' }, condition: 'selection' } })],
  ] as const) {
    await mkdir(join(folder, name));
    for (const [at, text] of files.entries()) await writeFile(join(folder, name, `${at}.yml`), text);
  }
});
afterAll(() => rm(folder, { recursive: true }));

function list(...args: string[]): Promise<Ended> {
  return runCommand(folder, ['exceptions', 'list', ...args]);
}

it('lists the exceptions of the configuration, the next to expire first', async () => {
  const { code, out, errors } = await list();
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  const [head, first, second] = out.split('\n');
  expect(head).toMatch(/^STATE +DAYS LEFT +EXPIRES +REVIEW +EXCEPTION +TITLE +OWNER +RULES$/);
  expect(first).toMatch(/^active +5 +\S+ +\S+ +soon +About soon +cloud-security +CloudTrail trail stopped/);
  expect(second).toMatch(/^active +300 +.* +later .*unheard-of \(unknown\); CloudTrail trail stopped/);
});

it('says for machines all that an exception states', async () => {
  const { code, out } = await list('--format', 'ndjson', 'exceptions');
  expect(code).toBe(0);
  expect(JSON.parse(out.split('\n')[1] ?? '')).toEqual({
    type: 'exception',
    id: 'later',
    title: 'About later',
    state: 'active',
    daysLeft: 300,
    rules: ['unheard-of', RULE],
    owner: 'cloud-security',
    reason: 'Ann moves all trails to the new account.',
    expires: moment(300),
    review: moment(290),
    ticket: 'OPS-7',
    file: join('exceptions', '0.yml'),
    line: 1,
  });
});

it('takes the values of placeholders from the configuration', async () => {
  await writeFile(join(folder, 'team.yaml'), 'rules: { placeholders: { team: [backup] } }');
  await mkdir(join(folder, 'expanded'));
  const detection = { selection: { 'userIdentity.userName|expand': '%team%' }, condition: 'selection' };
  await writeFile(join(folder, 'expanded/0.yml'), exception('team', 5, 5, { detection }));
  expect(await list('expanded', '--config', 'team.yaml')).toMatchObject({ code: 0, errors: '' });
  expect(await list('expanded')).toMatchObject({ code: 2, errors: expect.stringContaining('team') as string });
});

it.each([
  ['due', /^review due +5 /m],
  ['old', /^expired +0 +.* old +Old \?\[2J/m],
])('exits with 1 where one needs its owner: %s', async (directory, shown) => {
  const { code, out } = await list(directory);
  expect(code).toBe(1);
  expect(out).toMatch(shown);
});

it('exits with 2 where one cannot be used, after telling of the others', async () => {
  const { code, out, errors } = await list('bad');
  expect(code).toBe(2);
  expect(out).toContain('About later');
  expect(errors).toContain(`exception not used: ${join('bad', '1.yml')}:1: it would suppress everything`);
  expect(await list('none')).toMatchObject({
    code: 2,
    errors: expect.stringContaining('directory of exceptions none') as string,
  });
});
