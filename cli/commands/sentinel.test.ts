import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { azureStorage } from '../../platform/storage/azure.ts';
import { sampleIncident } from '../../pipeline/incidents/incident-samples.ts';
import { IncidentStore } from '../../pipeline/incidents/incident-store.ts';
import { startAzurite, type Azurite } from '../../test/azurite.ts';
import { runCommand, type Ended } from '../../test/command.ts';
import { FakeLogAnalytics } from '../../test/fakes/log-analytics.ts';
import { FakeSentinel, incidentId, WORKSPACE_ID } from '../../test/fakes/sentinel.ts';

const LOGS = '00000000-0000-4000-8000-0000000000ee';
const NAME = '73e01a99-0000-4000-8000-000000000001';
const CLOSED = '73e01a99-0000-4000-8000-000000000002';
const REFUSED = '73e01a99-0000-4000-8000-000000000003';
const INCIDENT = sampleIncident();

let azurite: Azurite;
let folder: string;
let sentinel: FakeSentinel;
let logs: FakeLogAnalytics;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-sentinel-'));
  [azurite, sentinel, logs] = await Promise.all([
    startAzurite(),
    FakeSentinel.start(systemClock),
    FakeLogAnalytics.start(LOGS),
  ]);
  const { connectionString } = azurite;
  await new IncidentStore(azureStorage({ connectionString }).tables).write(INCIDENT, 1);
  await writeFile(join(folder, 'local.json'), JSON.stringify({ hubs: 'none', storage: connectionString }));
  await writeFile(
    join(folder, 'crosstrail.yaml'),
    [
      'feeds: { kev: { enabled: false }, epss: { enabled: false } }',
      'azure:',
      `  endpoints: { arm: "${sentinel.url}", login: "${sentinel.url}", graph: "${sentinel.url}", logs: "${logs.url}" }`,
      'sentinel:',
      `  workspaces: [{ id: "${WORKSPACE_ID}", workspaceId: "${LOGS}" }]`,
    ].join('\n'),
  );
  const [principal] = INCIDENT.principals;
  const upn =
    [principal?.id ?? '', ...(principal?.aliases ?? [])].find((key) => key.startsWith('upn:')) ??
    'upn:ann@contoso.example';
  const times = {
    firstActivityTimeUtc: new Date(INCIDENT.firstSeen).toISOString(),
    lastActivityTimeUtc: new Date(INCIDENT.lastSeen).toISOString(),
  };
  sentinel.add(NAME, times, {
    entities: [{ kind: 'Account', name: 'a', properties: { accountName: upn.slice('upn:'.length) } }],
  });
  sentinel.add(CLOSED, { status: 'Closed' });
});
afterAll(async () => {
  await Promise.all([azurite.stop(), sentinel.close(), logs.close()]);
  await rm(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]): Promise<Ended> =>
  runCommand(folder, ['sentinel', 'enrich', ...args, '--data', '.', '--config', 'crosstrail.yaml']);

describe('crosstrail sentinel enrich', () => {
  it('shows what it would write, and writes nothing, in a dry run', async () => {
    const { code, out, errors } = await run(NAME, '--dry-run');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toContain('nothing was written (--dry-run)');
    expect(out).toContain(`It belongs to “${INCIDENT.title}”`);
    expect(out).toContain('not asked  changes of Azure resources: the workspace has no AzureActivity');
    expect(sentinel.comments(NAME)).toEqual([]);
  });

  it('enriches an incident by its number, and says so to machines', async () => {
    const { incidentNumber } = sentinel.properties(NAME);
    const number = JSON.stringify(incidentNumber);
    const { code, out } = await run(number, '--format', 'ndjson');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      type: 'sentinel-enrichment',
      outcome: 'written',
      incident: { incident: NAME, number: Number(number) },
      labels: ['Crosstrail'],
      severity: INCIDENT.severity,
      written: { comment: 'written' },
    });
    expect(sentinel.comments(NAME)).toHaveLength(1);
  });

  it('says that it is not enriched where Sentinel refuses the comment', async () => {
    sentinel.add(REFUSED);
    sentinel.failure = ({ method, path }) =>
      method === 'PUT' && path.includes(REFUSED) ? { status: 403, code: 'AuthorizationFailed' } : undefined;
    const { code, out } = await run(REFUSED);
    sentinel.failure = () => undefined;
    expect(code).toBe(1);
    expect(out).toContain('not enriched: Sentinel did not take the comment');
    expect(out).toMatch(/the comment: PUT .*AuthorizationFailed/);
  });

  it('leaves what is closed alone, and refuses what is of no workspace that it knows', async () => {
    const [closed, foreign] = await Promise.all([
      run(CLOSED),
      run(incidentId(NAME, WORKSPACE_ID.replace(/[^/]+$/, 'another'))),
    ]);
    expect(closed).toMatchObject({ code: 1, out: expect.stringContaining('it is closed') as string });
    expect(foreign.code).toBe(2);
    expect(foreign.errors).toContain('is not one of those that sentinel.workspaces');
  });
});
