import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromIni } from '@aws-sdk/credential-providers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { loadConfiguration } from '../../platform/configuration.ts';
import { startDemoClouds } from './clouds.ts';

let folder: string;
const before = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-clouds-'));
});
afterEach(() => {
  process.env = { ...before };
  rmSync(folder, { recursive: true });
});

it('stand in for the clouds whatever the machine is set to', async () => {
  process.env['AWS_CONFIG_FILE'] = join(folder, 'of-somebody');
  process.env['AWS_ENDPOINT_URL_IAM'] = 'https://iam.fabrikam.example';
  process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] = 'true';
  const clouds = await startDemoClouds(folder, systemClock);
  try {
    const { response } = await loadConfiguration(clouds.configuration);
    const profile = response.aws.accounts[0]?.profile ?? expect.fail('the demo names no profile');
    expect(await fromIni({ profile })()).toMatchObject({ accessKeyId: 'AKIAEXAMPLE00000DEMO' });
    expect(process.env).toMatchObject({
      AWS_ENDPOINT_URL_IAM: clouds.services.aws.url,
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
    });
  } finally {
    await clouds.close();
  }
});
