import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AlertStore } from '../../../pipeline/incidents/alert-store.ts';
import { alertId, type RaisedSignal } from '../../../pipeline/incidents/alert.ts';
import { sampleIncident } from '../../../pipeline/incidents/incident-samples.ts';
import { IncidentStore } from '../../../pipeline/incidents/incident-store.ts';
import { ResponseStore } from '../../../pipeline/response/response-store.ts';
import { sampleResponse } from '../../../pipeline/response/approval/response-samples.ts';
import { systemClock } from '../../../platform/clock.ts';
import { azureStorage } from '../../../platform/storage/azure.ts';
import { startAzurite, type Azurite } from '../../../test/azurite.ts';
import { runCommand, type Ended } from '../../../test/command.ts';

const RAISED: RaisedSignal = {
  signal: {
    rule: { id: 'rule-1', title: 'CloudTrail trail stopped', level: 'critical' },
    decision: 'block',
    techniques: ['T1685.002'],
    window: 3_600_000,
    group: { trail: 'main' },
  },
  event: { id: 'cloudtrail/stop-1', recordId: 'stop-1', time: Date.UTC(2026, 10, 20, 9), principal: 'aws:arn' },
};
const INCIDENT = sampleIncident({ alertIds: [alertId(RAISED)] });
const OLD = sampleIncident({ id: 'incident-77', title: 'bob: a second\u001b[2J one', lastSeen: 0 });

let azurite: Azurite;
let folder: string;
let store: IncidentStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-incidents-'));
  azurite = await startAzurite();
  const { connectionString } = azurite;
  await writeFile(join(folder, 'local.json'), JSON.stringify({ hubs: 'none', storage: connectionString }));
  const { tables } = azureStorage({ connectionString });
  store = new IncidentStore(tables);
  await new AlertStore(tables).raise([RAISED]);
  await store.write(INCIDENT, 1);
  await store.write(OLD, 1);
  const note = () => undefined;
  const responses = new ResponseStore(tables, systemClock);
  await responses.insert(sampleResponse({ incident: INCIDENT.id }), note);
  await responses.insert(sampleResponse({ id: `response-${'7'.repeat(32)}`, incident: OLD.id }), note);
  await store.review(OLD.id, { state: 'closed', verdict: 'benign', by: 'ben', at: 0 });
});
afterAll(async () => {
  await azurite.stop();
  await rm(folder, { recursive: true, force: true });
});

const incidents = (...args: readonly string[]): Promise<Ended> =>
  runCommand(folder, ['incidents', ...args, '--data', '.']);

it('lists those that stand, the latest first', async () => {
  const { code, out, errors } = await incidents('list');
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  const [head, ...lines] = out.trimEnd().split('\n');
  expect(head).toMatch(/^LEVEL +SCORE +DECISION +STATE +LAST SEEN \(UTC\) +ID +INCIDENT +CLOUDS$/);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(
    /^critical +92 +block +open +2026-11-20 09:42:00 +5e1f0c2a +ann@contoso.example: from .* AWS$/,
  );
  expect(lines[1]).toMatch(/^critical +92 +block +closed: benign +1970-01-01 00:00:00 +77 +bob: a second\?\[2J one/);
});

it('lists by state and time for machines', async () => {
  const { out } = await incidents('list', '--since', '2026-11-20T09:42:00Z', '--format', 'ndjson');
  expect(JSON.parse(out)).toMatchObject({ type: 'incident', id: INCIDENT.id, state: 'open', revision: 1 });
  const closed = await incidents('list', '--state', 'closed', '--limit', '1', '--format', 'ocsf');
  expect(JSON.parse(closed.out)).toMatchObject({
    class_uid: 2005,
    type_uid: 200503,
    status_id: 5,
    verdict_id: 5,
    metadata: { uid: OLD.id },
  });
  expect(await incidents('list', '--state', 'contained')).toMatchObject({ code: 0, out: 'no incidents\n' });
});

it.each([
  [['list', '--since', 'tomorrow'], '--since: expected a time such as'],
  [['list', '--limit', '0'], '--limit: expected a whole number'],
  [['show', 'ffff'], 'there is no incident ffff; crosstrail incidents list shows'],
  [['close', '5e1f'], "required option '--verdict <verdict>' not specified"],
])('cannot use %j', async (args, reason) => {
  expect(await incidents(...args)).toMatchObject({ code: 2, errors: expect.stringContaining(reason) as string });
});

it('gives all of one to machines, by the beginning of its id', async () => {
  const { out } = await incidents('show', '5e1f', '--format', 'ndjson');
  expect(JSON.parse(out)).toMatchObject({
    type: 'incident',
    id: INCIDENT.id,
    reasons: INCIDENT.reasons,
    steps: [{ time: '2026-11-20T09:00:00.000Z' }, {}, { count: 3, last: '2026-11-20T09:42:00.000Z' }],
    joins: [{ by: 'principal' }],
    graph: { nodes: INCIDENT.graph.nodes },
    history: [],
    responses: [{ id: sampleResponse().id, state: 'awaiting-approval' }],
  });
});

it('notes what people decide, and shows it', async () => {
  const say = async (...args: readonly string[]) => {
    const { code, out, errors } = await incidents(...args, '5e1f', '--by', 'eve');
    return code === 0 ? out : errors;
  };
  expect(await say('acknowledge', '--note', 'calling Ann')).toBe(`${INCIDENT.id} is acknowledged: ${INCIDENT.title}\n`);
  expect(await say('acknowledge')).toContain('is acknowledged already (by eve, ');
  expect(await say('contain')).toContain(' is contained: ');
  expect(await say('reopen')).toContain(' is open: ');
  expect(await say('close', '--verdict', 'true-positive')).toContain(' is closed: true-positive: ');

  // Nobody who closed it saw this alert.
  await store.write({ ...INCIDENT, alertIds: [...INCIDENT.alertIds, 'alert-new'] }, 2);
  const { out } = await incidents('show', INCIDENT.id);
  expect(out).toContain(`${INCIDENT.id}, open, again\n`);
  expect(out).toMatch(
    /^what is done about it\n {2}awaiting-approval {2}playbook contain-address.*\n.*0 of 1 approved/m,
  );
  expect(out).toMatch(/^opened again {2}an alert joined after it was closed: alert-new$/m);
  expect(out).toMatch(/^alerts\n.*\n {2}critical .* CloudTrail trail stopped .*\n {2}1 alert not kept any more$/m);
  expect(out).toMatch(
    /who decided what\n {2}\S+ \S+ {2}eve {2}acknowledged {2}calling Ann\n.* contained\n.* open\n.* closed: true-positive/,
  );
});
