import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject, damaged, frozen, samplesIn } from '../../../test/records.ts';
import { objectOf, type JsonObject } from '../../../platform/json.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { UNKNOWN_PRINCIPAL } from '../../timeline/event.ts';
import { findingOf } from '../../timeline/finding-of.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { decode } from '../decode.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { github } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));

function sample(name: string): JsonObject {
  const found = samples.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no sample ${name}`);
  return found.record;
}

/** A sample's alert with some of its members changed, in what stands around it. */
const changed = (name: string, changes: JsonObject): JsonObject => {
  const record = sample(name);
  return { ...record, alert: { ...objectOf(record['alert']), ...changes } };
};

const read = (name: string): ReadRecord => github.read(sample(name));
const SHOP = 'github-repo:contoso-example/shop';

function expectPromises(record: JsonObject): void {
  const isRecognised = github.recognises(record);
  let result: ReadRecord | undefined;
  try {
    result = github.read(record);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedRecord);
  }
  expect(github.schema.safeParse(record).success).toBe(result !== undefined);
  if (result === undefined) return;
  const { event } = result;
  if (!('action' in record)) expect(isRecognised).toBe(true);
  expect(violations(event.ocsf)).toEqual([]);
  expect(event.id).toMatch(/^github\/[\x21-\x7e]{1,249}$/);
  expect(event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
  const keys = event.entities.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  if (event.principal !== UNKNOWN_PRINCIPAL) expect(keys).toContain(event.principal);
  expect(github.read(record).event).toEqual(event);
}

describe('every sample', () => {
  it.each(samples)('$name is recognised, read as valid OCSF, and not changed', ({ record }) => {
    expect(github.recognises(record)).toBe(true);
    expectPromises(frozen(structuredClone(record)));
    expect(github.read(record).event.source).toBe('github');
  });

  it('has an event of its own', () => {
    expect(new Set(samples.map(({ record }) => github.read(record).event.id)).size).toBe(samples.length);
  });
});

describe('alerts', () => {
  it.each([
    ['dependabot-created.json', 200201, 1, 5],
    ['dependabot-dismissed.json', 200203, 3, 5],
    ['dependabot-fixed.json', 200203, 4, 5],
    ['dependabot-reintroduced.json', 200202, 1, 5],
    ['dependabot-without-cve.json', 200203, 3, 3],
    ['dependabot-listed.json', 200201, 1, 5],
    ['code-scanning-created.json', 200701, 1, 4],
    ['code-scanning-closed-by-user.json', 200703, 3, 4],
    ['code-scanning-linter.json', 200702, 1, 3],
    ['secret-scanning-created.json', 200701, 1, 4],
    ['secret-scanning-bypassed.json', 200701, 1, 5],
    ['secret-scanning-in-public.json', 200702, 1, 5],
    ['secret-scanning-revoked.json', 200703, 4, 4],
    ['secret-scanning-wont-fix.json', 200703, 3, 4],
  ])('%s is of type %d with status %d and severity %d', (name, type, status, severity) => {
    const { ocsf } = read(name).event;
    expect([ocsf.type_uid, 'status_id' in ocsf && ocsf.status_id, ocsf.severity_id]).toEqual([type, status, severity]);
  });

  it.each([
    ['fixed', 'fixed'],
    ['closed_by_user', 'suppressed'],
    ['appeared_in_branch', 'open'],
  ])('without a state stand as %s says: %s', (action, status) => {
    const record = { ...changed('code-scanning-created.json', { state: null }), action };
    expect(findingOf(github.read(record).event)?.status).toBe(status);
  });

  it('of one number are one finding, whatever happens to it', () => {
    const names = ['created', 'dismissed', 'fixed', 'reintroduced'].map((action) => `dependabot-${action}.json`);
    const findings = names.map((name) => findingOf(read(name).event));
    expect(new Set(findings.map((finding) => finding?.id))).toEqual(
      new Set(['github/contoso-example/shop/dependabot/12']),
    );
    expect(findings.map((finding) => finding?.status)).toEqual(['open', 'suppressed', 'fixed', 'open']);
    const log = [0, 1, 2, 3].map((at) => findingOf(read(`audit-vulnerability-alert.json[${at}]`).event));
    expect(new Set(log.map((finding) => finding?.id))).toEqual(new Set(['github/contoso-example/shop/dependabot/12']));
    expect(log.map((finding) => finding?.status)).toEqual(['open', 'suppressed', 'open', 'fixed']);
  });

  it('of Dependabot say what is vulnerable, how badly, and what mends it', () => {
    expect(findingOf(read('dependabot-created.json').event)).toMatchObject({
      ...{ asset: SHOP, cves: ['CVE-2026-10001'], severity: 'critical', cvss: 9.8 },
      ...{ subject: 'invented-parser >= 3.0.0, < 3.4.1', fix: '3.4.1', time: Date.UTC(2026, 10, 20, 9, 15) },
    });
    expect(read('dependabot-created.json').event.ocsf).toMatchObject({
      vulnerabilities: [{ cve: { epss: { score: '0.42' } }, related_vulnerabilities: ['GHSA-2h3j-4x5m-6q7r'] }],
    });
    expect(findingOf(read('dependabot-without-cve.json').event)).toMatchObject({ cves: [], fix: undefined });
  });

  it('of code scanning say where the fault is', () => {
    expect(findingOf(read('code-scanning-created.json').event)).toMatchObject({ subject: 'src/orders.js:42' });
    expect(read('code-scanning-created.json').event.ocsf).toMatchObject({
      vulnerabilities: [{ cwe: { uid: 'CWE-89' } }],
    });
  });

  it('over secrets in public code can be reached from the internet', () => {
    expect(findingOf(read('secret-scanning-in-public.json').event)?.exposure).toBe('internet');
    expect(findingOf(read('secret-scanning-created.json').event)?.exposure).toBeUndefined();
  });

  it('name the repository as principal, and who changed them as actor', () => {
    const { event } = read('dependabot-dismissed.json');
    expect(event.principal).toBe(SHOP);
    expect(event.entities.map(({ key, part }) => [key, part])).toEqual([
      ['github-user:mara-contoso', 'actor'],
      [SHOP, 'target'],
      ['cve:cve-2026-10001', 'target'],
      ['github-user:contoso-example', 'target'],
    ]);
    expect(read('dependabot-created.json').event.entities[0]?.key).toBe(SHOP);
    expect(event.ocsf).toMatchObject({ status_detail: 'tolerable_risk: Uploads come from our own staff only.' });
  });

  it('over secrets of no type are valid too', () => {
    expect(violations(github.read(changed('secret-scanning-created.json', { secret_type: '' })).event.ocsf)).toEqual(
      [],
    );
  });

  it('are found by their address where they are listed without their repository', () => {
    expect(read('dependabot-listed.json').event.principal).toBe(SHOP);
  });

  it('are as old as their last change, also where that is none of the usual', () => {
    const { event } = github.read(changed('dependabot-created.json', { auto_dismissed_at: '2026-11-21T00:00:00Z' }));
    expect(event.time).toBe(Date.UTC(2026, 10, 21));
  });
});

describe('the audit log', () => {
  it.each([
    ['audit-activity.json[0]', 600301, 'repo.create'],
    ['audit-activity.json[1]', 600302, 'git.clone'],
    ['audit-activity.json[2]', 600301, 'org.add_member'],
    ['audit-activity.json[3]', 600304, 'repository_vulnerability_alerts.disable'],
    ['audit-activity.json[5]', 600399, 'user.failed_login'],
    ['audit-vulnerability-alert.json[4]', 600303, 'repository_vulnerability_alert.assign'],
    ['audit-secret-scanning.json[3]', 600303, 'secret_scanning_push_protection.bypass'],
  ])('%s is an activity of type %d', (name, type, operation) => {
    expect(read(name).event.ocsf).toMatchObject({ type_uid: type, api: { operation } });
  });

  it('names who acted, also as their directory calls them, from where and on what', () => {
    const { event } = read('audit-activity.json[2]');
    expect(event.principal).toBe('github-user:mara-contoso');
    expect(event.entities.map(({ key }) => key)).toEqual([
      'github-user:mara-contoso',
      'upn:mara@contoso.example',
      'github-user:contoso-example',
      'github-user:lee-contoso',
      'ip:203.0.113.10',
    ]);
    expect(event.ocsf).toMatchObject({ src_endpoint: { ip: '203.0.113.10', location: { country: 'SE' } } });
  });

  it('tells failures, bots and entries of nobody apart', () => {
    expect(read('audit-activity.json[5]').event.ocsf).toMatchObject({ status_id: 2 });
    expect(read('audit-activity.json[4]').event.entities[0]?.kind).toBe('service-account');
    expect(read('audit-activity.json[7]').event.principal).toBe(UNKNOWN_PRINCIPAL);
  });

  it('makes no finding of entries over several alerts, or over the code of a pull request', () => {
    expect(findingOf(read('audit-code-scanning.json[0]').event)).toMatchObject({ status: 'open' });
    expect(findingOf(read('audit-code-scanning.json[2]').event)).toBeUndefined();
    expect(findingOf(read('audit-code-scanning.json[3]').event)).toBeUndefined();
  });

  it('goes by its own time, not by that of the alert that an entry is about', () => {
    const record = { ...sample('audit-vulnerability-alert.json[1]'), created_at: Date.UTC(2026, 0, 1) };
    expect(github.read(record).event.time).toBe(read('audit-vulnerability-alert.json[1]').event.time);
  });
});

describe('secrets', () => {
  const listed = { ...sample('secret-scanning-listed.json'), secret: 'invented-and-not-a-real-key' };

  it.each([
    ['listed', listed],
    ['in a webhook', { action: 'created', alert: listed, repository: { full_name: 'contoso-example/shop' } }],
    ['inside and beside an alert', { ...listed, alert: listed, repository: { full_name: 'contoso-example/shop' } }],
    [
      'of an alert of another kind',
      { ...changed('dependabot-created.json', { secret: 'not-a-real-key' }), secret: 'not-a-real-key' },
    ],
    [
      'of an entry of the audit log',
      { ...sample('audit-activity.json[0]'), repo: 'contoso-example/shop', secret: 'not-a-real-key' },
    ],
  ])('are in no event, %s', (_name, record: JsonObject) => {
    expect(JSON.stringify(github.read(record))).not.toContain('not-a-real-key');
    const [decoded] = decode(new TextEncoder().encode(JSON.stringify(record)));
    expect(JSON.stringify(decoded)).toContain('contoso-example/shop');
    expect(JSON.stringify(decoded)).not.toContain('not-a-real-key');
  });
});

describe('recognises', () => {
  it.each([
    [{ action: 'created', alert: { number: 1 }, repository: { full_name: 'contoso-example/shop' } }],
    [{ action: 'opened', pull_request: {}, repository: { full_name: 'contoso-example/shop' } }],
    [{ action: 'Microsoft.Storage/storageAccounts/write', '@timestamp': 1795166100000, actor: 'x' }],
    [{ action: 'repo.create' }],
    [{ eventName: 'CreateUser', eventSource: 'iam.amazonaws.com', eventTime: '2026-11-20T09:15:00Z' }],
    [{ rule: {}, tool: {} }],
    [{}],
  ])('leaves %j to others', (record) => {
    expect(github.recognises(record)).toBe(false);
  });
});

describe('rejections', () => {
  const of = (changes: JsonObject): JsonObject => changed('dependabot-created.json', changes);

  it.each([
    ['no number', of({ number: 0 }), 'alert.number: expected the number of an alert, found 0'],
    ['no time', of({ updated_at: 'soon', created_at: null }), "alert.updated_at: expected a time, found 'soon'"],
    [
      'no name of a repository',
      { ...of({}), repository: { full_name: '../shop' } },
      "repository.full_name: expected the name of a repository, with its owner, found '../shop'",
    ],
    [
      'no action of the audit log',
      { action: 'created' },
      "action: expected an alert, or an action of the audit log such as repo.create, found 'created'",
    ],
    ['no time of an entry', { action: 'repo.create', '@timestamp': 'x' }, "@timestamp: expected a time, found 'x'"],
  ])('with %s says what is wrong', (_name, record: JsonObject, reason) => {
    expect(() => github.read(record)).toThrow(new RejectedRecord(reason));
  });
});

describe('hostile input', () => {
  const names = ['action', 'alert', 'repository', 'number', 'created_at', 'secret_type', 'secret', 'rule', 'tool'];
  const entry = anyObject(['actor', 'org', 'repo', 'alert_numbers', 'number', 'actor_ip']).map((record) => ({
    ...record,
    ...{ action: 'code_scanning.alert_created', '@timestamp': 1795166100000, repo: 'contoso-example/shop' },
  }));

  it('is read as valid OCSF or rejected by name, as the schema says', () => {
    const any = fc.oneof(anyObject(names), entry, damaged(samples), damaged(samples), damaged(samples));
    fc.assert(fc.property(any, expectPromises), { numRuns: 1500 });
  });

  it('takes no time over a million references', () => {
    const references = Array.from({ length: 1e6 }, () => ({ url: 'https://contoso.example/' }));
    const advisory = { ...objectOf(objectOf(sample('dependabot-created.json')['alert'])?.['security_advisory']) };
    const record = changed('dependabot-created.json', {
      security_advisory: { ...advisory, references, identifiers: references },
    });
    const started = performance.now();
    for (let i = 0; i < 100; i++) github.read(record);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
