import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../platform/json.ts';
import { decode } from '../sources/decode.ts';
import { readRecord } from '../sources/registry.ts';
import { actionOf } from '../timeline/action-of.ts';
import type { AddressContext } from '../timeline/context.ts';
import type { Event } from '../timeline/event.ts';
import type { Enrichment } from '../timeline/ocsf/types.ts';
import { violations } from '../timeline/ocsf/validate.ts';
import { enrichEvent, type EventKnowledge } from './enrich-event.ts';
import { NetworkContext } from './network/network-context.ts';
import { IgnoredValues } from './threat-intel/ignored-values.ts';
import { readIndicatorValue } from './threat-intel/indicator-value.ts';
import { sourceSettings } from './threat-intel/intel-samples.ts';
import { TableBuilder } from './threat-intel/table-builder.ts';
import { ThreatIntel } from './threat-intel/threat-intel.ts';

const SOURCES = join(import.meta.dirname, '../sources');

/** The events of the samples of all sources, by file. */
const samples: readonly [string, Event][] = readdirSync(SOURCES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => filesIn(join(SOURCES, name, 'samples')))
  .flatMap((file) => eventsOf(file).map((event): [string, Event] => [file.slice(SOURCES.length + 1), event]));

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function eventsOf(file: string): Event[] {
  try {
    return decode(readFileSync(file)).flatMap((place) => ('record' in place ? [readRecord(place.record).event] : []));
  } catch {
    return []; // a sample of what cannot be read
  }
}

/** What is known of all that an event may name. */
function knowing(values: readonly string[], context?: AddressContext, own: readonly string[] = []): EventKnowledge {
  const builder = new TableBuilder(sourceSettings({ file: 'x' }), new IgnoredValues([]));
  const detail = {
    labels: ['malicious-activity'],
    confidence: 80,
    description: 'invented',
    validUntil: Date.UTC(2030, 0),
  };
  for (const text of values) builder.addText(text, detail);
  return {
    intel: new ThreatIntel([{ table: builder.build('') }], new IgnoredValues(own)),
    network: new NetworkContext(own, context === undefined ? [] : [{ of: () => context }]),
    vulnerability: (cve) => ({
      cve,
      kev: { name: 'Invented', dateAdded: '2026-01-01', dueDate: '2026-01-22', ransomware: true },
      epss: { probability: 0.91, percentile: 0.99, model: 'v2026.01.01' },
    }),
  };
}

const SWEDEN: AddressContext = {
  country: 'SE',
  city: 'Exampleton',
  latitude: 59.33,
  longitude: 18.07,
  asn: 64_496,
  organization: 'Contoso Networks',
  provider: 'AWS EC2 eu-north-1',
};

const consoleLogin = (more: JsonObject = {}): Event =>
  readRecord({
    eventVersion: '1.09',
    eventID: '00000000-0000-4000-8000-000000000001',
    eventTime: '2026-11-10T08:00:00Z',
    eventSource: 'signin.amazonaws.com',
    eventName: 'ConsoleLogin',
    awsRegion: 'eu-central-1',
    sourceIPAddress: '203.0.113.7',
    recipientAccountId: '111122223333',
    userIdentity: {
      type: 'IAMUser',
      arn: 'arn:aws:iam::111122223333:user/alex',
      accountId: '111122223333',
      userName: 'alex',
      principalId: 'AIDAEXAMPLE00000001',
    },
    responseElements: { ConsoleLogin: 'Success' },
    ...more,
  }).event;

const enrichmentsOf = (event: Event): readonly Enrichment[] => event.ocsf.enrichments ?? [];

describe('enrichEvent', () => {
  it('leaves alone what nothing is known of', () => {
    const event = consoleLogin();
    expect(enrichEvent(event, knowing(['198.51.100.1', 'fabrikam.example']))).toBe(event);
  });

  it('says whose list the source of a call is on, and until when', () => {
    const enriched = enrichEvent(consoleLogin(), knowing(['203.0.113.0/24']));
    expect(enrichmentsOf(enriched)).toEqual([
      {
        name: 'src_endpoint.ip',
        value: '203.0.113.7',
        type: 'indicator',
        provider: 'contoso-intel',
        desc: 'invented',
        data: {
          id: 'contoso-intel/203.0.113.0/24',
          kind: 'network',
          value: '203.0.113.0/24',
          validity: 'current',
          labels: ['malicious-activity'],
          confidence: 80,
          validUntil: '2030-01-01T00:00:00.000Z',
        },
      },
    ]);
    expect(violations(enriched.ocsf)).toEqual([]);
  });

  it('says of what no longer counts that it does not', () => {
    const late = enrichEvent(consoleLogin({ eventTime: '2031-01-01T00:00:00Z' }), knowing(['203.0.113.7']));
    expect(enrichmentsOf(late)).toMatchObject([{ data: { validity: 'expired' } }]);
  });

  it('places who calls AWS, so that journeys of theirs can be told', () => {
    const { ocsf } = enrichEvent(consoleLogin(), knowing([], SWEDEN));
    expect(actionOf(ocsf).from).toMatchObject({ latitude: 59.33, longitude: 18.07, country: 'SE', asn: 64_496 });
    expect(ocsf.enrichments).toEqual([
      { name: 'src_endpoint.ip', value: '203.0.113.7', type: 'network', data: { range: 'AWS EC2 eu-north-1' } },
    ]);
    expect(violations(ocsf)).toEqual([]);
  });

  it('does not touch a place or network that the record gives', () => {
    const [, before] =
      samples.find(([file, { ocsf }]) => file.startsWith('entra') && actionOf(ocsf).from?.latitude !== undefined) ?? [];
    if (before === undefined) throw new Error('no sample says where it is from');
    const { from } = actionOf(before.ocsf);
    const after = enrichEvent(before, knowing([], { ...SWEDEN, provider: undefined }));
    expect(actionOf(after.ocsf).from).toEqual({ ...from, asn: from?.asn ?? 64_496 });
  });

  it('gives no place that OCSF would not take, and none of an address of one’s own list alone', () => {
    const event = consoleLogin();
    expect(enrichEvent(event, knowing([], { latitude: 1, longitude: 2 }))).toBe(event);
    const own = enrichEvent(event, knowing(['203.0.113.7'], undefined, ['203.0.113.0/24']));
    expect(enrichmentsOf(own)).toEqual([
      { name: 'src_endpoint.ip', value: '203.0.113.7', type: 'network', data: { own: true } },
    ]);
  });

  it('finds domains in the names that entities have, and makes entities of those that hit alone', () => {
    const federated = samples.find(([file]) => file.includes('assume-role-with-web-identity-github'))?.[1];
    if (federated === undefined) throw new Error('the sample is gone');
    const before: Event = {
      ...federated,
      entities: [
        { kind: 'user', key: 'upn:guest@mail.fabrikam.example', part: 'actor' },
        { kind: 'user', key: 'federated:issuer.fabrikam.example/x|subject', part: 'target' },
        { kind: 'user', key: 'upn:no address', part: 'target' },
      ],
    };
    const enriched = enrichEvent(before, knowing(['fabrikam.example']));
    expect(enrichmentsOf(enriched).map(({ name, value }) => [name, value])).toEqual([
      ['domain', 'mail.fabrikam.example'],
      ['domain', 'issuer.fabrikam.example'],
    ]);
    expect(enriched.entities.slice(3)).toEqual([
      { kind: 'resource', key: 'domain:mail.fabrikam.example', part: 'target', label: 'mail.fabrikam.example' },
      { kind: 'resource', key: 'domain:issuer.fabrikam.example', part: 'target', label: 'issuer.fabrikam.example' },
    ]);
    expect(enrichEvent(before, knowing(['contoso.example']))).toBe(before);
  });

  it('says what feeds say of a vulnerability', () => {
    const entities: Event['entities'] = [{ kind: 'vulnerability', key: 'cve:cve-2026-11111', part: 'target' }];
    const enriched = enrichEvent({ ...consoleLogin(), entities }, knowing([]));
    expect(enrichmentsOf(enriched)).toMatchObject([
      { name: 'cve', value: 'CVE-2026-11111', provider: 'CISA KEV', data: { ransomware: true } },
      { name: 'cve', value: 'CVE-2026-11111', provider: 'FIRST EPSS', data: { probability: 0.91 } },
    ]);
    expect(violations(enriched.ocsf)).toEqual([]);
  });

  it('asks of an address once for as long as what is known is the same', () => {
    let asked = 0;
    const network = new NetworkContext([], [{ of: () => (asked++, SWEDEN) }]);
    const knowledge = { ...knowing([]), network };
    const first = enrichEvent(consoleLogin(), knowledge);
    expect(enrichEvent(consoleLogin(), knowledge)).toEqual(first);
    expect(asked).toBe(1);
    enrichEvent(consoleLogin(), { ...knowledge });
    expect(asked).toBe(2);
  });

  it('keeps to bounds, whatever an event names', () => {
    const addresses = Array.from({ length: 24 }, (_, at) => `203.0.113.${at}`);
    const entities = addresses.map((address) => ({ kind: 'ip', key: `ip:${address}`, part: 'target' }) as const);
    const enriched = enrichEvent(
      { ...consoleLogin(), entities },
      knowing(['203.0.113.0/24', '203.0.113.0/25', '203.0.113.0/26']),
    );
    expect([enrichmentsOf(enriched).length, enriched.entities.length]).toEqual([40, 24]);
  });
});

describe.each(samples)('%s', (_, event) => {
  it('stays valid OCSF with all that can be known of it, and gives the same again', () => {
    const named = event.entities.flatMap(({ key }) => (key.startsWith('ip:') ? [key.slice(3)] : []));
    const own = 'src_endpoint' in event.ocsf ? [event.ocsf.src_endpoint?.domain ?? ''] : [];
    const values = [...named, ...own].filter((text) => readIndicatorValue(text) !== undefined);
    const before = JSON.stringify(event);
    const enriched = enrichEvent(event, knowing(values, SWEDEN));
    expect(violations(enriched.ocsf)).toEqual([]);
    expect(enrichEvent(event, knowing(values, SWEDEN))).toEqual(enriched);
    expect(JSON.stringify(event)).toBe(before);
  });
});
