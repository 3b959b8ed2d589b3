/** The local edition with an automatic binding, as a process of its own: a process runs one edition, and bindings change what it does. Sends what it measured. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { services } from '../../functions/services.ts';
import { SeededRandom } from '../../local/demo/random.ts';
import { RecordMaker, resource } from '../../local/demo/records.ts';
import { STAFF } from '../../local/demo/tenant.ts';
import { startEdition, type Edition } from '../../local/edition.ts';
import { FakeNetwork } from '../../local/fakes/network.ts';
import { ALERT_QUEUE } from '../../pipeline/correlate.ts';
import type { EvidenceEntry } from '../../pipeline/response/evidence.ts';
import { systemClock } from '../../platform/clock.ts';
import { objectOf, textOf } from '../../platform/json.ts';
import type { ResponseLatency } from './response.ts';

const RATES = [2, 5];
const INCIDENTS = 60;
const NETS = ['198.51.100', '203.0.113'];
const LONGEST = 60_000;

const GROUP = resource('Microsoft.Network/networkSecurityGroups/nsg-shop');
const network = new FakeNetwork(
  {
    securityGroups: [{ id: GROUP, subnets: [resource('Microsoft.Network/virtualNetworks/vnet-shop/subnets/web')] }],
  },
  { changeTakes: 0, effectTakes: 0 },
);
const make = new RecordMaker(new SeededRandom(11));

/** When the first alert of each attacker was put in the queue of those that people are told of, and when the block was seen in place: milliseconds since 1970, by address. */
const announced = new Map<string, number>();
const verified = new Map<string, number>();

/** Whoever stops a trail is blocked; the built-in rule leaves that to people. */
const RULE = {
  title: 'Trail stopped',
  id: '00000000-0000-4000-8000-0000000000b1',
  logsource: { product: 'aws', service: 'cloudtrail' },
  detection: { selection: { eventName: 'StopLogging' }, condition: 'selection' },
  level: 'critical',
  crosstrail: { decision: 'block' },
};

const settings = (url: string) => ({
  rules: { directories: ['rules'] },
  feeds: { automatic: false },
  azure: { endpoints: { arm: url, graph: url, login: url } },
  response: {
    playbooks: {
      block: { steps: [{ action: 'nsg-deny', with: { networkSecurityGroup: GROUP } }] },
    },
    bindings: [{ name: 'attackers', playbook: 'block', when: { decision: ['block'] }, mode: 'automatic' }],
    guards: { rate: { changes: 10_000, per: '1h' } },
  },
});

/** One who stops a trail: an incident of its own, for nobody else has its name, address or trail. */
function attack(address: string): object {
  const name = address.replaceAll('.', '-');
  const who = { ...STAFF[0], upn: `${name}@contoso.example` };
  const now = Date.now();
  return make.awsCall(now, {
    service: 'cloudtrail',
    name: 'StopLogging',
    identity: make.awsSession(who, now),
    ip: address,
    request: { name: `trail-of-${name}` },
  });
}

/** The address of an attacker by the key of the principal. */
const addressIn = (principal = ''): string => (principal.split('/').at(-1)?.split('@')[0] ?? '').replaceAll('-', '.');

/** Notes when an alert is put in the queue. */
async function watchAlerts(): Promise<void> {
  const { storage, alerts } = await services();
  const { queues } = storage;
  const send = queues.send.bind(queues);
  queues.send = async (queue, message) => {
    const at = Date.now();
    await send(queue, message);
    if (queue !== ALERT_QUEUE) return;
    const address = addressIn((await alerts.get(message))?.principals[0]);
    if (!announced.has(address)) announced.set(address, at);
  };
}

const addressOfStep = new Map<string, string>();

/** Notes when a block was seen in place. */
function watchEvidence({ kind, step = '', time, data }: EvidenceEntry): void {
  const address = textOf(objectOf(data['parameters'])?.['address']);
  if (kind === 'executing' && address !== undefined) addressOfStep.set(step, address.split('/')[0] ?? '');
  if (kind === 'verified') verified.set(addressOfStep.get(step) ?? '', time);
}

async function measure(edition: Edition, incidentsPerSecond: number, net: string): Promise<ResponseLatency> {
  const addresses = Array.from({ length: INCIDENTS }, (_, n) => `${net}.${n + 1}`);
  const started = performance.now();
  for (const [n, address] of addresses.entries()) {
    await systemClock.wait(Math.max(0, started + (n * 1000) / incidentsPerSecond - performance.now()));
    const body = new TextEncoder().encode(JSON.stringify({ Records: [attack(address)] }));
    await edition.hubs.send('cloudtrail', [{ body }]);
  }
  const deadline = performance.now() + LONGEST;
  while (!addresses.every((one) => verified.has(one)) && performance.now() < deadline) await systemClock.wait(20);
  // One that was never done counts as infinitely late.
  const latencies = addresses
    .map((one) => (verified.get(one) ?? Infinity) - (announced.get(one) ?? NaN))
    .sort((one, other) => one - other);
  const percentile = (p: number) => Math.round(latencies[Math.floor((latencies.length - 1) * p)] ?? NaN);
  return { incidentsPerSecond, incidents: INCIDENTS, p50: percentile(0.5), p99: percentile(0.99) };
}

const folder = mkdtempSync(join(tmpdir(), 'crosstrail-bench-'));
await network.listen();
mkdirSync(join(folder, 'rules'));
writeFileSync(join(folder, 'rules/trail.yml'), stringify(RULE));
const configuration = join(folder, 'crosstrail.yaml');
writeFileSync(configuration, stringify(settings(network.url)));
process.env['CROSSTRAIL_CONFIG'] = configuration;
const edition = await startEdition({
  ...{ folder: join(folder, 'data'), clock: systemClock, anyPorts: true, showEvidence: watchEvidence },
  log: (level, text) => (level === 'error' ? process.stderr.write(`${text}\n`) : undefined),
  notifier: { notify: () => Promise.resolve() },
});
try {
  await watchAlerts();
  const latencies: ResponseLatency[] = [];
  for (const [at, rate] of RATES.entries()) latencies.push(await measure(edition, rate, NETS[at] ?? ''));
  process.send?.(latencies);
} finally {
  await edition.stop();
  await network.close();
  rmSync(folder, { recursive: true, force: true });
}
process.disconnect();
