import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { filesOf, UnusableInputError } from './files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function make(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), '{}');
  }
}
const found = async (...paths: readonly string[]) =>
  (await filesOf(paths)).map((file) => (file === '-' ? file : relative(folder, file)));

it('finds log files in a directory and below, in order of name, and leaves others out', async () => {
  await make('b.json', 'a.jsonl.gz', 'note.txt', 'deep/er/c.ndjson', 'deep/d.log', 'e.GZ', 'f.sarif');
  expect(await found(folder)).toEqual(['a.jsonl.gz', 'b.json', 'deep/d.log', 'deep/er/c.ndjson', 'e.GZ', 'f.sarif']);
});

it('takes a named file whatever its name, and standard input', async () => {
  await make('note.txt');
  expect(await found('-', join(folder, 'note.txt'), '-')).toEqual(['-', 'note.txt']);
});

it('gives each file once, by whatever names and links it was found', async () => {
  await make('a.json', 'b.json');
  await symlink('b.json', join(folder, 'c.json'));
  expect(await found(folder, join(folder, 'a.json'), `${folder}/./b.json`)).toEqual(['a.json', 'b.json']);
});

it('follows links to files elsewhere, but no link to a directory, so that none leads in circles', async () => {
  await make('logs/a.json', 'elsewhere/b.json');
  await symlink('../elsewhere/b.json', join(folder, 'logs/link.json'));
  await symlink('..', join(folder, 'logs/loop'));
  await symlink('..', join(folder, 'logs/loop.json'));
  expect(await found(join(folder, 'logs'))).toEqual(['logs/a.json', 'logs/link.json']);
});

it('gives a link that leads nowhere, so that opening it tells', async () => {
  await symlink('nowhere.json', join(folder, 'lost.json'));
  expect(await found(folder)).toEqual(['lost.json']);
});

it('refuses what is not there, and a directory with nothing to read', async () => {
  await make('note.txt');
  await expect(found(folder)).rejects.toThrow(UnusableInputError);
  await expect(found(join(folder, 'none'))).rejects.toThrow('there is no such file or directory');
});
