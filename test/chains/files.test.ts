import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseDirectory } from '../../pipeline/timeline/identity/directory.ts';
import { readBody } from '../../pipeline/read-body.ts';
import { CHAINS } from './chains.ts';
import { directoryOf, writeChains } from './files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-chains-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('writes a file for each source, in which every record is found', () => {
  const files = writeChains(folder, CHAINS);
  expect(files).toHaveLength(4);
  let events = 0;
  for (const file of files) {
    const { accepted, rejected } = readBody(readFileSync(file), { match: () => [] });
    expect(rejected).toEqual([]);
    expect(new Set(accepted.map(({ event }) => event.source)).size).toBe(1);
    events += accepted.length;
  }
  expect(events).toBe(CHAINS.reduce((sum, { records }) => sum + records.length, 0));
});

it('puts the directories of all chains into one', () => {
  const one = CHAINS.map(({ directory }) => directory).filter((directory) => directory !== undefined);
  const { links, trusts } = parseDirectory(JSON.stringify(directoryOf(CHAINS)));
  const apart = one.map((directory) => parseDirectory(JSON.stringify(directory)));
  expect(links).toHaveLength(apart.reduce((sum, directory) => sum + directory.links.length, 0));
  expect(trusts.oidc.size).toBe(apart.reduce((sum, directory) => sum + directory.trusts.oidc.size, 0));
  expect(directoryOf([])).toBeUndefined();
});
