import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../pipeline/detection/loading/load.ts';
import { readRuleTests, testFileOf } from '../pipeline/detection/testing/rule-test-file.ts';
import { postureChanges } from '../pipeline/posture/posture-changes.ts';
import { readRecord } from '../pipeline/sources/registry.ts';

const DETECTIONS = join(import.meta.dirname, '..', 'detections');

/** Rules that fire on what posture calls weak. Stages share no code, so this holds them to the same meaning. */
const RULES = [
  'aws/cloudtrail-logging-stopped.yml',
  'aws/identity-provider-changed.yml',
  'aws/monitoring-weakened.yml',
  'aws/s3-bucket-made-public.yml',
  'aws/security-group-opened.rule.ts',
  'azure/diagnostic-settings-deleted.yml',
  'azure/network-opened-to-internet.rule.ts',
  'azure/recovery-protection-removed.yml',
  'entra/conditional-access-weakened.yml',
  'entra/domain-federation-changed.yml',
];

/** A rule looks at one row of an operation, posture at each that tells. */
const OTHER_ROWS = 'the row of the result, and another operation';

describe.each(RULES)('%s', async (rule) => {
  const file = join(DETECTIONS, rule);
  const set = await loadRules([file]);
  const tests = await readRuleTests((await testFileOf(file)) ?? '');
  const records = tests
    .filter(({ name }) => name !== OTHER_ROWS)
    .flatMap(({ name, records: all }) => all.map((record, at) => ({ name, at, record })));

  it.each(records)('$name ($at)', ({ record }) => {
    const read = readRecord(record);
    const weakened = postureChanges(read).some((change) => change.weakened);
    expect(weakened).toBe(set.match(read).length > 0);
  });
});
