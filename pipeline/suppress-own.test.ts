import { beforeEach, describe, expect, it } from 'vitest';
import { delivery, memoryPorts } from '../test/memory-ports.ts';
import type { Hubs } from '../platform/hubs.ts';
import type { JsonObject } from '../platform/json.ts';
import { faultyStorage, InjectedFault } from '../platform/storage/faults.ts';
import { correlate, CORRELATION_HUB } from './correlate.ts';
import { compileRules } from './detection/loading/load.ts';
import { ruleText } from './detection/testing/rule-samples.ts';
import { AlertStore } from './incidents/alert-store.ts';
import { SuppressedStore } from './incidents/suppressed-store.ts';
import { ingest, TIMELINE_HUB } from './ingest.ts';
import { Footprints } from './response/own-actions/footprints.ts';
import { accountDisabled, keyDeactivated, RESPONDER, ROLE, USER } from './response/own-actions/own-action-samples.ts';
import { decodeEvent } from './timeline/codec.ts';

const NOW = Date.UTC(2026, 10, 20, 10);
const DISABLE = { name: 'entra-disable-user', operations: ['Disable account'] };
const TARGET = { kind: 'user', id: USER, label: 'ann' };
const PLAN = { target: TARGET, changes: [], affects: [], residual: [], subjects: [] };

const counted = `
title: Many accounts disabled
id: 00000000-0000-4000-8000-0000000000c1
level: high
status: test
correlation:
  type: event_count
  rules: [disabled]
  group-by: [properties.id]
  timespan: 1h
  condition: { gte: 1 }
  generate: true
`;
const rules = compileRules([
  {
    file: 'disabled.yml',
    text: ruleText(
      { selection: { operationName: 'Disable account' }, condition: 'selection' },
      { id: '00000000-0000-4000-8000-0000000000c2', name: 'disabled', logsource: { product: 'azure' } },
    ),
  },
  {
    file: 'deactivated.yml',
    text: ruleText({ selection: { eventName: 'UpdateAccessKey' }, condition: 'selection' }, { id: 'deactivated' }),
  },
  { file: 'counted.yml', text: counted },
]);

function makePorts() {
  const ports = memoryPorts();
  const { tables } = ports;
  return {
    ...{ ...ports, matcher: rules, own: new Footprints(tables, [RESPONDER, ROLE]) },
    ...{ alerts: new AlertStore(tables), suppressed: new SuppressedStore(tables) },
  };
}
let ports: ReturnType<typeof makePorts>;

beforeEach(() => {
  ports = makePorts();
});

const sent = (hub = TIMELINE_HUB) => ports.hubs.sent.get(hub) ?? [];
const events = () => sent().map(({ body }) => decodeEvent(body));
const batch = (...records: JsonObject[]) => [delivery(JSON.stringify({ records }), 0, 'entra')];
const correlated = () =>
  correlate(
    sent().map(({ body }, at) => delivery(body, at, TIMELINE_HUB)),
    ports,
  );

describe('what a response did itself', () => {
  it('raises no alert and is kept as suppressed; what an attacker does as the same identity raises one', async () => {
    expect(rules.rejected).toEqual([]);
    await ports.own.note(DISABLE, PLAN, NOW);
    await ingest(batch(accountDisabled(NOW + 60_000), keyDeactivated(NOW + 60_000)), ports);
    const [own, attack] = events();
    expect(own?.signals.map(({ suppressed }) => suppressed)).toEqual([{ exception: 'own-response' }]);
    expect(own).not.toHaveProperty('matches');
    expect(attack?.signals.map(({ suppressed }) => suppressed)).toEqual([undefined]);
    await correlated();
    expect(ports.metrics.total('alerts')).toBe(1);
    expect(ports.metrics.total('suppressed', { exception: 'own-response' })).toBe(1);
    const suppressed = await Array.fromAsync(ports.suppressed.list());
    expect(suppressed.map(({ event }) => event.id)).toEqual([own?.id]);
    // Only what joins events with others goes there: of one's own event no rule has a part in it.
    expect(
      sent(CORRELATION_HUB)
        .map(({ body }) => Buffer.from(body).toString())
        .filter((text) => text.includes('"disabled"')),
    ).toEqual([]);
  });

  it('is an alert, and goes to stateful rules, where no response said that it would do it', async () => {
    await ingest(batch(accountDisabled(NOW + 60_000)), ports);
    expect(events()[0]?.matches).toHaveLength(1);
    await correlated();
    expect(ports.metrics.total('alerts')).toBe(1);
    expect(await Array.fromAsync(ports.suppressed.list())).toEqual([]);
  });

  it('is decided alike when it is read again, also after a crash between reading and sending', async () => {
    await ports.own.note(DISABLE, PLAN, NOW);
    const records = batch(accountDisabled(NOW + 60_000));
    const hubs: Hubs = { send: () => Promise.reject(new Error('the hub is away')), close: async () => {} };
    await expect(ingest(records, { ...ports, hubs })).rejects.toThrow('away');
    await ingest(records, ports);
    await ingest(records, ports);
    const [one, other] = events();
    expect(one?.signals[0]?.suppressed).toEqual({ exception: 'own-response' });
    expect(other).toEqual(one);
    await correlated();
    expect(ports.metrics.total('alerts')).toBe(0);
    expect(ports.metrics.total('suppressed', { exception: 'own-response' })).toBe(1);
  });

  it('waits for storage that is away: it is neither taken for an attack nor passed over', async () => {
    const away = faultyStorage(ports.storage, () => 'before');
    const own = new Footprints(away.tables, [RESPONDER]);
    await expect(ingest(batch(accountDisabled(NOW)), { ...ports, own })).rejects.toThrow(InjectedFault);
    expect(events()).toEqual([]);
  });
});
