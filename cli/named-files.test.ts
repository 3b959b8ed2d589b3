import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withinAny } from './named-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-named-'));
  await mkdir(join(folder, 'rules', 'aws'), { recursive: true });
  await writeFile(join(folder, 'rules', 'aws', 'a.yml'), '');
  await symlink(join(folder, 'rules'), join(folder, 'link'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('finds files below a directory, however both are spelled', () => {
  const file = join(folder, 'rules', 'aws', 'a.yml');
  expect(withinAny([join(folder, 'rules')])(file)).toBe(true);
  expect(withinAny([relative('.', folder)])(file)).toBe(true);
  expect(withinAny([file])(relative('.', file))).toBe(true);
  expect(withinAny([join(folder, 'link')])(file)).toBe(true);
  expect(withinAny([join(folder, 'rules')])(join(folder, 'link', 'aws', 'a.yml'))).toBe(true);
});

it('takes no file for one that only begins alike, and none where no place is named', () => {
  expect(withinAny([join(folder, 'rules')])(join(folder, 'rules-old', 'a.yml'))).toBe(false);
  expect(withinAny([join(folder, 'rules', 'aws')])(join(folder, 'rules', 'b.yml'))).toBe(false);
  expect(withinAny([])(join(folder, 'rules', 'b.yml'))).toBe(false);
});
