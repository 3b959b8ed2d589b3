import { azureConnection } from '../../platform/azure/connection.ts';
import { RequestRates } from '../../platform/azure/request-rates.ts';
import { systemClock } from '../../platform/clock.ts';
import { parseConfiguration } from '../../platform/configuration.ts';
import type { JsonObject } from '../../platform/json.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { AssetInventory } from '../../pipeline/enrichment/assets/asset-inventory.ts';
import { knowledgeOf } from '../../pipeline/enrichment/knowledge.ts';
import { sentinelEnricher } from '../../pipeline/sentinel-enricher.ts';
import { parseIncidentId } from '../../pipeline/sentinel/incident-address.ts';
import type { StoredEvent } from '../../pipeline/timeline/codec.ts';
import { ipKey, upnKey } from '../../pipeline/timeline/entity-keys.ts';
import { classification } from '../../pipeline/timeline/ocsf/classification.ts';
import { timelineStore } from '../../pipeline/timeline/store.ts';
import { FakeLogAnalytics } from '../fakes/log-analytics.ts';
import { FakeSentinel, incidentId, WORKSPACE_ID } from '../fakes/sentinel.ts';
import { median } from './rates.ts';

export interface SentinelBench {
  readonly entities: number;
  /** Events of the people in it that the timeline holds. */
  readonly events: number;
  /** How long each request to Azure Resource Manager takes, milliseconds. */
  readonly latency: number;
  readonly seconds: number;
  /** Requests to Azure Resource Manager. */
  readonly calls: number;
}

const PEOPLE = 8;
const ADDRESSES = 8;
const EVENTS = 4000;
const LATENCY = 150;
const ROUNDS = 5;
const CUSTOMER = '00000000-0000-4000-8000-0000000000ee';
/** Each calls for another next step. */
const TECHNIQUES = ['T1078.004', 'T1098', 'T1528', 'T1552', 'T1562', 'T1486'];
const START = Date.UTC(2026, 10, 20, 9);

const personOf = (at: number): string => `person-${at}@contoso.example`;
const addressOf = (at: number): string => `203.0.113.${at}`;

/** Measures the enrichment of one incident with 20 entities, from its id to the last task written, against fakes whose answers take as long as those of the service. */
export async function benchSentinel(): Promise<SentinelBench> {
  const [sentinel, logs] = await Promise.all([FakeSentinel.start(systemClock), FakeLogAnalytics.start(CUSTOMER)]);
  sentinel.latency = LATENCY;
  const storage = memoryStorage();
  await timelineStore(storage.tables).insert(Array.from({ length: EVENTS }, (_, at) => eventOf(at)));
  const section = `sentinel: { severity: raise, workspaces: [{ id: ${WORKSPACE_ID}, workspaceId: ${CUSTOMER} }] }`;
  const endpoints = { arm: sentinel.url, login: logs.url, graph: logs.url, logs: logs.url };
  const enricher = sentinelEnricher({
    configuration: parseConfiguration(section, 'bench.yaml'),
    clock: systemClock,
    azure: () => azureConnection(endpoints),
    rates: new RequestRates(systemClock),
    storage,
    directory: undefined,
    knowledge: () => knowledgeOf({ assets: new AssetInventory([]) }),
  });
  const seconds: number[] = [];
  let calls = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const name = `00000000-0000-4000-8000-00000000000${round}`;
    const properties = {
      firstActivityTimeUtc: new Date(START).toISOString(),
      additionalData: { techniques: TECHNIQUES },
    };
    sentinel.add(name, properties, { entities: entities(), alerts: alerts() });
    const address = parseIncidentId(incidentId(name));
    if (address === undefined) throw new Error('no address');
    const began = performance.now();
    const report = await enricher.enrich(address);
    seconds.push((performance.now() - began) / 1000);
    if (report?.written?.comment !== 'written') throw new Error(`not written: ${JSON.stringify(report?.written)}`);
    calls = Math.max(calls, report.calls);
  }
  await Promise.all([sentinel.close(), logs.close()]);
  return {
    entities: entities().length,
    events: EVENTS,
    latency: LATENCY,
    seconds: Math.round(median(seconds) * 100) / 100,
    calls,
  };
}

const entity = (kind: string, properties: JsonObject): JsonObject => ({ kind, name: 'e', properties });

function entities(): JsonObject[] {
  const resource = `${WORKSPACE_ID.split('/providers/')[0] ?? ''}/providers/Microsoft.Compute/virtualMachines/vm-`;
  return [
    ...Array.from({ length: PEOPLE }, (_, at) =>
      entity('Account', { accountName: `person-${at}`, upnSuffix: 'contoso.example' }),
    ),
    ...Array.from({ length: ADDRESSES }, (_, at) => entity('Ip', { address: addressOf(at) })),
    ...[0, 1].map((at) => entity('AzureResource', { resourceId: `${resource}${at}` })),
    ...[0, 1].map((at) => entity('Host', { hostName: `vm-${at}`, azureID: `${resource}${at}` })),
  ];
}

const alerts = (): JsonObject[] =>
  Array.from({ length: 10 }, (_, at) => ({
    kind: 'SecurityAlert',
    properties: {
      systemAlertId: `alert-${at}`,
      alertDisplayName: `Exploit of CVE-2026-100${at}`,
      severity: 'High',
      tactics: ['InitialAccess'],
    },
  }));

function eventOf(at: number): StoredEvent {
  const principal = upnKey(personOf(at % PEOPLE));
  const time = START + (at - EVENTS / 2) * 10_000;
  return {
    id: `entra/${at}`,
    source: 'entra',
    recordId: String(at),
    time,
    ocsf: {
      ...classification(6003, 1),
      severity_id: 1,
      time,
      metadata: { version: '1.8.0', product: { name: 'Entra', vendor_name: 'Microsoft' } },
      actor: { user: { name: personOf(at % PEOPLE) } },
      api: { operation: `Update application ${at % 20}` },
      src_endpoint: { ip: addressOf(at % ADDRESSES) },
    },
    entities: [
      { kind: 'user', key: principal, part: 'actor', label: personOf(at % PEOPLE) },
      { kind: 'ip', key: ipKey(addressOf(at % ADDRESSES)), part: 'origin' },
    ],
    principal,
    signals: [],
  };
}
