import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isObject, parseJson, type JsonObject } from '../../platform/json.ts';
import { runCommand } from '../command.ts';
import { CHAINS } from './chains.ts';
import { deviceCodeToAws } from './device-code-to-aws.ts';
import { directoryOf, writeChains } from './files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-chains-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const incidentsIn = (out: string): JsonObject[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map(parseJson)
    .filter(isObject)
    .filter(({ type }) => type === 'incident');

it('a scan of one attack in four files prints one incident, with the person, the clouds and the steps in order', async () => {
  expect(writeChains(join(folder, 'logs'), [deviceCodeToAws])).toHaveLength(4);
  const { code, out, errors } = await runCommand(folder, ['scan', 'logs']);
  expect(errors).toBe('');
  expect(code).toBe(0);
  expect(out).toMatch(/\b1 incident\b/);
  const story = [
    'nadia.hollis@contoso.example',
    'Microsoft Entra, Azure, Kubernetes, AWS',
    'signed in',
    'added a credential',
    'role assignment',
    'deleted diagnostic setting',
    'administrator credential',
    'read the secrets',
    'cluster role binding',
    'assumed role',
    'stopped the logging',
    'made access key',
    'snapshot',
  ];
  let from = out.indexOf('CRITICAL');
  for (const piece of story) {
    from = out.indexOf(piece, from);
    expect(from, `"${piece}" in its place in\n${out}`).toBeGreaterThanOrEqual(0);
  }
});

it('a scan of all attacks at once, with the directory, prints as many incidents', async () => {
  writeChains(join(folder, 'logs'), CHAINS);
  writeFileSync(join(folder, 'directory.json'), JSON.stringify(directoryOf(CHAINS)));
  const { code, out } = await runCommand(folder, [
    'scan',
    'logs',
    '--directory',
    'directory.json',
    '--format',
    'ndjson',
  ]);
  expect(code).toBe(0);
  const found = incidentsIn(out).map(({ title, clouds }) => ({ title, clouds }));
  expect(found, JSON.stringify(found, undefined, 1)).toHaveLength(CHAINS.length);
  for (const { name, expected } of CHAINS) {
    expect(
      found.filter(({ clouds }) => JSON.stringify(clouds) === JSON.stringify(expected.clouds)),
      name,
    ).not.toEqual([]);
  }
});
