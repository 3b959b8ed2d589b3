import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadRules } from '../pipeline/detection/loading/load.ts';
import { unusableRules } from './rule-reports.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-reports-'));
  for (const name of ['rules', 'exceptions']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'broken.yml'), 'title: x\n');
    await writeFile(join(folder, name, 'binary.yml'), Buffer.from([0xff, 0xfe]));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('tells rules that cannot be used from exceptions that cannot', async () => {
  const set = await loadRules([join(folder, 'rules')], { exceptions: [join(folder, 'exceptions')] });
  const told = unusableRules(set).map((line) => line.replace(`${folder}/`, '').replace(/(\.yml).*$/, '$1'));
  expect(told.toSorted()).toEqual([
    'exception not used: exceptions/binary.yml',
    'exception not used: exceptions/broken.yml',
    'rule not used: rules/binary.yml',
    'rule not used: rules/broken.yml',
  ]);
});
