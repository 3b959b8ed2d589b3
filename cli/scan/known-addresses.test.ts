import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isObject, parseJson, type JsonObject } from '../../platform/json.ts';
import { mmdbOf } from '../../pipeline/enrichment/network/mmdb-samples.ts';
import { runCommand } from '../../test/command.ts';

/** Console sign-ins to AWS, which say nothing of places, in two of them within an hour. */
const signIn = (end: number, address: string, minute: number): JsonObject => ({
  eventVersion: '1.09',
  eventID: `00000000-0000-4000-8000-00000000000${end}`,
  eventTime: `2026-11-10T08:${String(minute).padStart(2, '0')}:00Z`,
  eventSource: 'signin.amazonaws.com',
  eventName: 'ConsoleLogin',
  awsRegion: 'eu-central-1',
  sourceIPAddress: address,
  recipientAccountId: '111122223333',
  userIdentity: {
    type: 'IAMUser',
    arn: 'arn:aws:iam::111122223333:user/alex',
    accountId: '111122223333',
    userName: 'alex',
    principalId: 'AIDAEXAMPLE00000001',
  },
  additionalEventData: { MFAUsed: 'Yes' },
  responseElements: { ConsoleLogin: 'Success' },
});

const TRAVEL = `
title: Person signed in to the console
id: 00000000-0000-4000-8000-0000000000c1
name: console_sign_in
logsource: { product: aws, service: cloudtrail }
detection: { login: { eventName: ConsoleLogin, 'responseElements.ConsoleLogin': Success }, condition: login }
level: informational
---
title: Console sign-ins too far apart
id: 00000000-0000-4000-8000-0000000000c2
correlation: { type: impossible_travel, rules: console_sign_in, group-by: principal, timespan: 1d }
level: medium
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-addresses-'));
  const records = [signIn(1, '203.0.113.7', 0), signIn(2, '198.51.100.7', 40)];
  const sweden = { country: { iso_code: 'SE' }, location: { latitude: 59.33, longitude: 18.07 } };
  const australia = { country: { iso_code: 'AU' }, location: { latitude: -33.87, longitude: 151.21 } };
  await writeFile(join(folder, 'trail.json'), JSON.stringify({ Records: records }));
  await writeFile(join(folder, 'travel.yml'), TRAVEL);
  await writeFile(join(folder, 'blocklist.txt'), '198.51.100.0/24\n');
  await writeFile(join(folder, 'city.mmdb'), mmdbOf({ '203.0.113.0/24': sweden, '198.51.100.0/24': australia }, 'x'));
  await writeFile(
    join(folder, 'known.yaml'),
    'network: { databases: [city.mmdb] }\nthreatIntel: { sources: [{ name: contoso-blocklist, file: blocklist.txt }] }',
  );
  await writeFile(join(folder, 'broken.yaml'), 'network: { databases: [trail.json] }');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function signalsOf(...more: readonly string[]): Promise<string[]> {
  const { out } = await runCommand(folder, [
    'scan',
    'trail.json',
    '--rules',
    'travel.yml',
    '--format',
    'ndjson',
    ...more,
  ]);
  const lines = out.trim().split('\n').map(parseJson).filter(isObject);
  return lines.flatMap(({ type, rule, eventIds }) =>
    type === 'signal' && isObject(rule)
      ? [`${typeof rule.title === 'string' ? rule.title : ''}: ${JSON.stringify(eventIds)}`]
      : [],
  );
}

it('raises what comes from a listed address, and journeys that nobody makes, where files say so', async () => {
  const [one, other] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
  expect(await signalsOf()).toEqual([]);
  expect(await signalsOf('--config', 'known.yaml')).toEqual([
    `Sign-in or call from an address that is held to be an attacker’s: ["${other}"]`,
    `Console sign-ins too far apart: ["${one}","${other}"]`,
  ]);
});

it('names a file that cannot be used', async () => {
  const { code, errors } = await runCommand(folder, ['scan', 'trail.json', '--config', 'broken.yaml']);
  expect([code, errors]).toEqual([2, expect.stringContaining('trail.json: not a database of addresses') as unknown]);
});
