import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Correlation } from '../../pipeline/correlation/correlation.ts';
import { compileRules } from '../../pipeline/detection/loading/load.ts';
import type { RuleSet } from '../../pipeline/detection/matching/rule-set.ts';
import type { Observation } from '../../pipeline/timeline/observation.ts';
import { Metrics } from '../../platform/metrics.ts';
import { azureStorage } from '../../platform/storage/azure.ts';
import type { Storage } from '../../platform/storage/ports.ts';
import { startAzurite } from '../../local/azurite/start-azurite.ts';

const KEYS = 100_000;
const BATCH = 99;
const START = Date.UTC(2026, 10, 20, 12);

/** A rule that counts by principal, with a window that holds all of a run. */
const RULES = `title: Reads
id: read
logsource: { product: aws, service: cloudtrail }
detection: { selection: { eventName: GetObject }, condition: selection }
---
title: Many reads
id: reads
correlation: { type: event_count, rules: [read], group-by: [principal], timespan: 1d, condition: { gte: 10 } }
`;

/** The first and only match of a principal of its own. */
function observationOf(n: number): Observation {
  const principal = `aws:arn:aws:iam::111122223333:user/user-${n}`;
  return {
    id: `cloudtrail/${n}`,
    source: 'cloudtrail',
    recordId: String(n),
    time: START + n * 10,
    principal,
    entities: [{ kind: 'user', key: principal, part: 'actor', label: `user-${n}` }],
    action: { operation: 'GetObject', classUid: 6003, activityId: 2, outcome: 'success', account: '111122223333' },
    signals: [],
    matches: [{ rule: 'read', values: {} }],
    links: [],
    posture: [],
  };
}

export interface RecoveryBench {
  readonly keys: number;
  /** Through the durable state on Azurite, batches of {@link BATCH}. */
  readonly keptPerSecond: number;
  /** From nothing in memory to ready for the next batch. */
  readonly recoverySeconds: number;
}

/** How fast the state of correlation is written, and how long an instance takes to read it when it takes over. */
export async function benchRecovery(): Promise<RecoveryBench> {
  const folder = mkdtempSync(join(tmpdir(), 'recovery-'));
  const azurite = await startAzurite({ folder, ports: { blob: 0, queue: 0, table: 0 } });
  try {
    return await measured(
      azureStorage({ connectionString: azurite.connectionString }),
      compileRules([{ file: 'reads.yml', text: RULES }]),
    );
  } finally {
    await azurite.close();
    rmSync(folder, { recursive: true });
  }
}

async function measured({ tables, queues }: Storage, rules: RuleSet): Promise<RecoveryBench> {
  const correlation = () => new Correlation('0', { tables, queues, metrics: new Metrics() });
  const writing = correlation();
  const from = performance.now();
  for (let at = 0; at < KEYS; at += BATCH) {
    const length = Math.min(BATCH, KEYS - at);
    await writing.handle(
      Array.from({ length }, (_, n) => observationOf(at + n)),
      rules,
    );
  }
  const written = performance.now();
  await correlation().handle([], rules);
  const read = performance.now();
  return {
    keys: KEYS,
    keptPerSecond: Math.round(KEYS / ((written - from) / 1000)),
    recoverySeconds: Math.round(read - written) / 1000,
  };
}
