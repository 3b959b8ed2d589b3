import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlertStore } from '../../../pipeline/incidents/alert-store.ts';
import { alertId, type RaisedSignal } from '../../../pipeline/incidents/alert.ts';
import { sampleIncident } from '../../../pipeline/incidents/incident-samples.ts';
import { IncidentStore } from '../../../pipeline/incidents/incident-store.ts';
import type { Incident } from '../../../pipeline/timeline/incident.ts';
import { azureStorage } from '../../../platform/storage/azure.ts';
import { startAzurite, type Azurite } from '../../../test/azurite.ts';
import { runCommand, type Ended } from '../../../test/command.ts';

const SAMPLE = sampleIncident();
const RAISED: RaisedSignal = {
  signal: {
    rule: { id: 'rule-1', title: 'CloudTrail trail stopped', level: 'critical' },
    decision: 'block',
    techniques: ['T1685.002'],
    window: 3_600_000,
    group: { trail: 'main' },
  },
  event: { id: 'cloudtrail/stop-1', recordId: 'stop-1', time: SAMPLE.lastSeen, principal: 'aws:arn' },
};
const ALERT = alertId(RAISED);
const [first, second] = SAMPLE.alertIds;

let azurite: Azurite;
let folder: string;
let store: IncidentStore;
let kept: Incident;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-incidents-'));
  azurite = await startAzurite();
  const { connectionString } = azurite;
  await writeFile(join(folder, 'local.json'), JSON.stringify({ hubs: 'none', storage: connectionString }));
  const { tables } = azureStorage({ connectionString });
  store = new IncidentStore(tables);
  await new AlertStore(tables).raise([RAISED]);
  // The second of its alerts is one that is kept, the first is not.
  kept = JSON.parse(JSON.stringify(SAMPLE).replaceAll(second ?? '', ALERT)) as Incident;
  await store.write(kept, 1);
  await store.write(sampleIncident({ id: 'incident-5e1f77', title: 'bob: a second\u001b[2J one', lastSeen: 0 }), 1);
  for (const id of ['incident-merged', 'incident-gone']) await store.write(sampleIncident({ id, lastSeen: 1 }), 1);
  await store.replace('incident-merged', 'incident-5e1f77', 2);
  await store.replace('incident-gone', undefined, 2);
});
afterAll(async () => {
  await azurite.stop();
  await rm(folder, { recursive: true, force: true });
});

const incidents = (...args: readonly string[]): Promise<Ended> =>
  runCommand(folder, ['incidents', ...args, '--data', '.']);

describe('crosstrail incidents list', () => {
  it('shows those that stand, the latest first', async () => {
    const { code, out, errors } = await incidents('list');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const [head, ...lines] = out.trimEnd().split('\n');
    expect(head).toMatch(/^LEVEL +SCORE +STATE +LAST SEEN \(UTC\) +ID +INCIDENT +CLOUDS$/);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^critical +92 +open +2026-11-20 09:42:00 +5e1f0c2a +ann@contoso.example: from .* AWS$/);
    expect(lines[1]).toMatch(/^critical +92 +open +1970-01-01 00:00:00 +5e1f77 +bob: a second\?\[2J one/);
  });

  it('takes a state, a time and a limit', async () => {
    const lines = async (...args: string[]) => {
      const { out } = await incidents('list', '--format', 'ndjson', ...args);
      return out.split('\n').filter((line) => line !== '');
    };
    const [line, ...more] = await lines('--since', '2026-11-20T09:42:00Z');
    expect(more).toEqual([]);
    expect(JSON.parse(line ?? '')).toMatchObject({ type: 'incident', id: SAMPLE.id, state: 'open', revision: 1 });
    expect(await lines('--limit', '1')).toEqual([line]);
    expect(await lines('--state', 'contained')).toEqual([]);
    expect(await incidents('list', '--state', 'contained')).toMatchObject({ code: 0, out: 'no incidents\n' });
  });

  it.each([
    [['--since', 'tomorrow'], '--since: expected a time such as'],
    [['--limit', '0'], '--limit: expected a whole number'],
    [['--state', 'done'], 'Allowed choices are open, acknowledged, contained, closed'],
  ])('cannot use %j', async (args, reason) => {
    expect(await incidents('list', ...args)).toMatchObject({
      code: 2,
      errors: expect.stringContaining(reason) as string,
    });
  });
});

describe('crosstrail incidents show', () => {
  it('shows all of one, by the beginning of its id', async () => {
    const { code, out, errors } = await incidents('show', '5e1f0');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toContain(`CRITICAL 92  ${SAMPLE.title}\n${SAMPLE.id}, open\n`);
    expect(out).toMatch(/^who\n {2}ann@contoso.example \(person\) {2}entra-user:.*\n {4}also aws-key:ASIACONTOSO/m);
    expect(out).toMatch(
      /09:40:00 {2}cloudtrail +ann.* did StopLogging .* 3 times until 09:42:00\n +! critical: CloudTrail trail stopped\n/,
    );
    expect(out).toMatch(
      /^alerts\n.*\n {2}critical +2026-11-20 09:42:00 +1 +CloudTrail trail stopped +T1685.002 +alert-/m,
    );
    expect(out).toContain('  1 alert not kept any more\n');
    expect(out).toContain(`  ${first ?? ''} + CloudTrail trail stopped: by the same principal, ann@contoso.example\n`);
    expect(out).toMatch(/^why the score is 92\n {3}\+62 {2}a critical and a high alert$/m);
  });

  it('leads from a merged one to where it went, and says so', async () => {
    const { out } = await incidents('show', 'incident-merged');
    expect(out).toContain('incident-5e1f77, open');
    expect(out).toContain('took in incident-merged');
    expect(out).toContain('bob: a second?[2J one');
  });

  it('says of a withdrawn one that it is', async () => {
    const { code, out } = await incidents('show', 'gone');
    expect(code).toBe(0);
    expect(out).toMatch(/^incident-gone, withdrawn$/m);
  });

  it('gives all that is kept to machines', async () => {
    const { out } = await incidents('show', SAMPLE.id, '--format', 'ndjson');
    expect(JSON.parse(out)).toMatchObject({
      type: 'incident',
      id: SAMPLE.id,
      reasons: SAMPLE.reasons,
      steps: [{ time: '2026-11-20T09:00:00.000Z' }, {}, { count: 3, last: '2026-11-20T09:42:00.000Z' }],
      joins: [{ by: 'principal' }],
      graph: { nodes: SAMPLE.graph.nodes },
      history: [],
    });
  });

  it.each([
    ['5e1f', 'several incidents begin with 5e1f: incident-5e1f0c2a9b8d4e7f8a6b5c4d3e2f1a0b, incident-5e1f77; say more'],
    ['ffff', 'there is no incident ffff; crosstrail incidents list shows what there is'],
    ['../#', 'there is no incident ../#'],
  ])('cannot find %s', async (id, reason) => {
    expect(await incidents('show', id)).toMatchObject({ code: 2, errors: expect.stringContaining(reason) as string });
  });
});

describe('crosstrail incidents acknowledge, contain, close, reopen', () => {
  it('notes what people decide, and shows it', async () => {
    const say = async (...args: readonly string[]) => {
      const { code, out, errors } = await incidents(...args, '5e1f0c', '--by', 'ben');
      return code === 0 ? out : errors;
    };
    expect(await say('acknowledge', '--note', 'calling Ann')).toBe(`${SAMPLE.id} is acknowledged: ${SAMPLE.title}\n`);
    expect(await say('acknowledge')).toContain('is acknowledged already (by ben, ');
    expect(await say('close')).toContain("required option '--verdict <verdict>' not specified");
    expect(await say('contain')).toContain(' is contained: ');
    expect(await say('reopen')).toContain(' is open: ');
    expect(await say('close', '--verdict', 'true-positive')).toContain(' is closed: true-positive: ');

    // Nobody who closed it saw this alert.
    await store.write({ ...kept, alertIds: [...kept.alertIds, 'alert-new'] }, 2);
    const { out } = await incidents('show', SAMPLE.id);
    expect(out).toMatch(
      /who decided what\n {2}\S+ \S+ {2}ben {2}acknowledged {2}calling Ann\n.* contained\n.* open\n.* closed: true-positive/,
    );
    expect(out).toContain(`${SAMPLE.id}, open, again\n`);
    expect(out).toMatch(/^opened again {2}an alert joined after it was closed: alert-new$/m);
  });
});

it('says where there is nothing to talk to', async () => {
  const { code, errors } = await runCommand(folder, ['incidents', 'list', '--data', 'nowhere']);
  expect({ code, errors }).toMatchObject({
    code: 2,
    errors: expect.stringContaining('no deployment to talk to') as string,
  });
});
