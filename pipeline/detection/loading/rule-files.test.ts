import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { findFiles, readText } from './rule-files.ts';

const root = mkdtempSync(join(tmpdir(), 'rule-files-'));
let folder: string;
let folders = 0;

beforeEach(() => {
  folder = join(root, String((folders += 1)));
  mkdirSync(folder);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array = 'title: x\n'): string {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const isYaml = (name: string) => name.endsWith('.yml');

/** The files found, as paths below the folder. */
const found = async (...places: string[]) =>
  (await findFiles(places.length > 0 ? places : [folder], isYaml)).map(({ file }) => file.slice(folder.length + 1));

describe('findFiles', () => {
  it('finds what is wanted, in the order of paths, and passes over what is hidden', async () => {
    for (const path of ['b.yml', 'a/z.yml', 'a/deep/er/c.yml', 'note.txt', '.git/x.yml', 'a/.#z.yml']) write(path);
    expect(await found()).toEqual(['a/deep/er/c.yml', 'a/z.yml', 'b.yml']);
  });

  it('takes a file that is named as it is, and a place given twice once', async () => {
    write('a.yml');
    const other = write('other.txt');
    expect(await found(folder, other, folder, other, join(folder, 'a.yml'))).toEqual(['a.yml', 'other.txt']);
  });

  it('follows links, enters each directory once, and comes to an end where they make loops', async () => {
    write('real/a.yml');
    symlinkSync(join(folder, 'real'), join(folder, 'linked'));
    symlinkSync(folder, join(folder, 'real', 'up'));
    symlinkSync('self.yml', join(folder, 'self.yml'));
    symlinkSync(join(folder, 'real', 'a.yml'), join(folder, 'b.yml'));
    const files = await found();
    expect(files.filter((file) => file.endsWith('/a.yml'))).toHaveLength(1);
    expect(files.filter((file) => !file.endsWith('/a.yml'))).toEqual(['b.yml', 'self.yml']);
  });

  it('tells when a file was written, replaced or touched, and only then', async () => {
    const file = write('a.yml', 'one');
    const versions = async () => (await findFiles([folder], isYaml)).map(({ version }) => version);
    const first = await versions();
    expect(await versions()).toEqual(first);
    write('b.txt');
    expect(await versions()).toEqual(first);
    write('new', 'two');
    renameSync(join(folder, 'new'), file);
    const second = await versions();
    expect(second).not.toEqual(first);
    truncateSync(file, 1);
    expect(await versions()).not.toEqual(second);
  });

  it('says which directory cannot be read', async () => {
    await expect(findFiles([join(folder, 'absent')], isYaml)).rejects.toThrow(
      /the directory of rules .*absent cannot be read; name one that exists \(ENOENT/,
    );
  });

  it('refuses more than can be held', async () => {
    for (let index = 0; index < 20; index += 1) write(`sub/${index}.yml`, ' '.repeat(100));
    const bounds = { files: 20, bytes: 2000, entries: 21 };
    const within = (less: object) => findFiles([folder], isYaml, 'rules', { ...bounds, ...less });
    await expect(within({})).resolves.toHaveLength(20);
    await expect(within({ files: 19 })).rejects.toThrow(
      /at most 19 files and 2000 bytes of rules .* and with .*9\.yml there/,
    );
    await expect(within({ bytes: 1999 })).rejects.toThrow(/at most 20 files and 1999 bytes/);
    await expect(within({ entries: 20 })).rejects.toThrow(/sub cannot be read; .*more than 20 entries/);
  });
});

describe('readText', () => {
  it('reads text, without a byte order mark', async () => {
    expect(await readText(write('a.yml', '\ufefftitle: café\r\n'))).toBe('title: café\r\n');
    expect(await readText(write('b.yml', ''))).toBe('');
  });

  it('reads what the file system gives no size for', async () => {
    expect(await readText('/proc/self/status')).toContain('Name:');
  });

  it.each<[what: string, make: () => string, reason: RegExp]>([
    ['what is not UTF-8', () => write('a.yml', Uint8Array.of(0xff, 0xfe, 0x41, 0)), /not text in UTF-8/],
    ['a file that is too large', () => write('a.yml', ' '.repeat(1_048_577)), /larger than 1048576 bytes; split it/],
    ['a huge file that is empty', () => (truncateSync(write('a.yml'), 10 ** 12), join(folder, 'a.yml')), /larger than/],
    ['a directory', () => folder, /not a file/],
    ['a device', () => '/dev/zero', /not a file/],
    ['what is not there', () => join(folder, 'absent'), /ENOENT/],
    ['a link that leads to itself', () => (symlinkSync('l', join(folder, 'l')), join(folder, 'l')), /ELOOP/],
  ])('refuses %s', async (_what, make, reason) => {
    await expect(readText(make())).rejects.toThrow(reason);
  });

  it.skipIf(process.platform === 'win32')(
    'does not wait for a pipe (skipped on Windows, which has none in folders)',
    async () => {
      const pipe = join(folder, 'pipe.yml');
      execFileSync('mkfifo', [pipe]);
      expect(await found()).toEqual(['pipe.yml']);
      await expect(readText(pipe)).rejects.toThrow(/not a file/);
    },
  );
});
