import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import { azureConnection } from '../../platform/azure/connection.ts';
import type { VulnerabilityContext } from '../timeline/finding.ts';
import { identitiesOf, knownPorts, type Known } from '../../test/enrichment-ports.ts';
import { FakeLogAnalytics } from '../../test/fakes/log-analytics.ts';
import { FakeSentinel, incidentId } from '../../test/fakes/sentinel.ts';
import { sentinelArm } from '../../test/sentinel.ts';
import { enrichIncident, isIncomplete, type EnrichmentOptions, type EnrichmentReport } from './enrich.ts';
import type { EnrichmentPorts } from './enrichment-ports.ts';
import { kevListed, NINE, relatedIncident } from './enrichment-samples.ts';
import { parseIncidentId } from './incident-address.ts';
import { logAnalytics } from './logs/log-analytics.ts';
import { incidentWriter } from './writer.ts';

const WORKSPACE = '00000000-0000-4000-8000-0000000000ee';
const TENANT = '00000000-0000-4000-8000-0000000000aa';
const ANN = '00000000-0000-4000-8000-000000000001';
const NAME = '73e01a99-0000-4000-8000-000000000001';
const USER = `entra-user:${TENANT}/${ANN}`;
const IAM = 'arn:aws:iam::111122223333:user/ann';

let sentinel: FakeSentinel;
let logs: FakeLogAnalytics;
let end: AbortController;

beforeEach(async () => {
  [sentinel, logs] = await Promise.all([FakeSentinel.start(systemClock), FakeLogAnalytics.start(WORKSPACE)]);
  end = new AbortController();
});
afterEach(() => Promise.all([sentinel.close(), logs.close()]));

const account = (properties: JsonObject): JsonObject => ({ kind: 'Account', name: 'e', properties });
const alert = (properties: JsonObject): JsonObject => ({ kind: 'SecurityAlert', properties });

/** An incident as analytics rules make it: ann, by name and suffix, from an address. */
function incident(more: { properties?: JsonObject; alerts?: JsonObject[]; entities?: JsonObject[] } = {}): void {
  sentinel.add(
    NAME,
    {
      firstActivityTimeUtc: new Date(NINE).toISOString(),
      lastActivityTimeUtc: new Date(NINE + 60_000).toISOString(),
      ...more.properties,
    },
    {
      alerts: more.alerts ?? [alert({ systemAlertId: 'a1', alertDisplayName: 'Odd sign-in', tactics: [] })],
      entities: more.entities ?? [
        account({ accountName: 'ann', upnSuffix: 'contoso.example' }),
        { kind: 'Ip', name: 'i', properties: { address: '203.0.113.9' } },
      ],
    },
  );
}

const manyCves = (count: number): string => Array.from({ length: count }, (_, at) => `CVE-2026-${1000 + at}`).join(' ');

interface Change extends Partial<EnrichmentOptions> {
  readonly known?: Known;
  readonly ports?: Partial<EnrichmentPorts>;
  readonly write?: boolean;
}

async function enrich({ known, ports, write = true, ...options }: Change = {}): Promise<EnrichmentReport> {
  const address = parseIncidentId(incidentId(NAME));
  if (address === undefined) throw new Error('no address');
  const arm = await sentinelArm(sentinel, systemClock);
  const endpoints = { arm: logs.url, login: logs.url, graph: logs.url, logs: logs.url };
  const connection = await azureConnection(endpoints);
  return enrichIncident(
    address,
    {
      arm,
      writer: write ? incidentWriter({ arm, severity: 'raise', tasks: true }) : undefined,
      logs: logAnalytics(connection, { workspaceId: WORKSPACE, signal: end.signal, retryDelay: 1 }),
      aws: undefined,
      ...knownPorts(known),
      ...ports,
    },
    { tenant: TENANT, signal: end.signal, ...options },
  );
}

const signIn = (id: string, time = NINE) => ({
  time,
  found: [ANN],
  cells: {
    Id: id,
    Who: 'ann@contoso.example',
    What: 'Sign-in',
    Target: 'Azure Portal',
    Address: '203.0.113.9',
    Outcome: 'success',
  },
});

function directory(): void {
  logs.table('IdentityInfo', {
    found: ['ann@contoso.example', 'ann', ANN],
    cells: { ObjectId: ANN, Tenant: TENANT, Upn: 'ann@contoso.example', Name: 'ann', Roles: ['User Administrator'] },
  });
}

describe('an incident of Sentinel', () => {
  it('is enriched by what the workspace, Crosstrail, CloudTrail and feeds know, within twelve calls', async () => {
    incident({
      alerts: [alert({ systemAlertId: 'a1', alertDisplayName: 'x', description: 'Exploits cve-2026-0001' })],
    });
    directory();
    logs.table('SigninLogs', signIn('s1'));
    logs.table('AWSCloudTrail', {
      time: NINE + 1000,
      found: [IAM],
      cells: { Id: 'c1', Who: IAM, What: 'CreateAccessKey', Outcome: 'success' },
    });
    const asked: unknown[] = [];
    const report = await enrich({
      known: {
        identities: identitiesOf([USER, 'upn:ann@contoso.example', `aws:${IAM}`]),
        incidents: [{ incident: relatedIncident(), state: 'open', shares: 'principal' }],
        vulnerability: kevListed,
        context: {
          hits: [
            {
              key: 'ip:203.0.113.9',
              indicator: { id: 'b/1', kind: 'address', value: '203.0.113.9', source: 'b', labels: [] },
            },
          ],
        },
      },
      ports: {
        aws: {
          lookUp: async (ids) => {
            asked.push(ids.arns, ids.awsUserNames);
            return { events: [], problems: ['CloudTrail: asked after 6 of 20 ids'] };
          },
        },
      },
    });
    expect(report).toMatchObject({ outcome: 'written', written: { comment: 'written', incident: 'written' } });
    expect(report.calls).toBeLessThanOrEqual(12);
    expect(asked).toEqual([[IAM], ['ann']]);
    const [comment] = sentinel.comments(NAME);
    expect(comment?.message).toContain('Its alerts name CVE-2026-0001, which CISA knows to be exploited');
    expect(comment?.message).toContain('Timeline across Entra, AWS');
    expect(comment?.message).toContain('User Administrator');
    expect(comment?.message).toContain('CloudTrail: asked after 6 of 20 ids');
    const properties = sentinel.properties(NAME);
    expect(properties['severity']).toBe('High');
    expect(JSON.stringify(properties['labels'])).toContain('Known exploited vulnerability');
    expect(JSON.stringify(properties['labels'])).toContain('Cross-cloud');
    expect(sentinel.tasks(NAME).map(({ properties: { title } }) => title)).toContain(
      'End the sessions of the account, and reset how it signs in',
    );
  });

  it('is asked after in the workspace by ids and never by text in a query', async () => {
    incident({
      entities: [
        account({ accountName: `x'); union * //`, upnSuffix: 'contoso.example' }),
        account({ aadUserId: ANN }),
      ],
    });
    await enrich();
    expect(logs.seen.length).toBeGreaterThan(3);
    for (const { text } of logs.seen) expect(text).not.toContain('union * //');
    expect(logs.mostAtOnce).toBeLessThanOrEqual(4);
    // A day before and after; who is who is asked further back.
    expect(logs.seen.at(-1)).toMatchObject({ from: NINE - 86_400_000, to: NINE + 60_000 + 86_400_000 });
  });

  it('enriched again with the same facts is left as it is', async () => {
    incident();
    logs.table('SigninLogs', signIn('s1'));
    await enrich();
    const again = await enrich();
    expect(again.written).toMatchObject({ comment: 'unchanged', incident: 'unchanged', tasks: { written: 0 } });
    expect(sentinel.comments(NAME)).toHaveLength(1);
    logs.table('SigninLogs', { ...signIn('s2', NINE + 5000), cells: { ...signIn('s2').cells, Target: 'Other' } });
    expect(
      (await enrich({ known: { identities: identitiesOf([USER, 'upn:ann@contoso.example']) } })).written,
    ).toMatchObject({ comment: 'written' });
    expect(sentinel.comments(NAME)).toHaveLength(1);
  });

  it('shows a record that two places have once, with what rules found in it', async () => {
    incident();
    logs.table('SigninLogs', { ...signIn('r1'), found: ['ann@contoso.example'] });
    const report = await enrich({
      ports: { crosstrail: { ...knownPorts().crosstrail, events: async () => ({ events: [], more: true }) } },
    });
    expect(report.missing.join()).toContain('there is more than is read at once');
    expect(report.additions?.comment.match(/Azure Portal/g)).toHaveLength(1);
  });

  it('is only read where nothing is to be written', async () => {
    incident();
    const report = await enrich({ write: false });
    expect(report.outcome).toBe('read');
    expect(report.additions?.comment).toContain('<h3>Crosstrail</h3>');
    expect(sentinel.seen.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  it('shows the most urgent of many vulnerabilities first', async () => {
    incident({ alerts: [alert({ systemAlertId: 'a1', description: manyCves(60) })] });
    const vulnerability = (cve: string): VulnerabilityContext =>
      cve === 'CVE-2026-1050'
        ? kevListed(cve)
        : { cve, ...(cve === 'CVE-2026-1040' && { epss: { probability: 0.9, percentile: 0.99, model: 'v4' } }) };
    const { additions } = await enrich({ known: { vulnerability } });
    const shown = [...(additions?.comment ?? '').matchAll(/<li>(CVE-2026-\d+):/g)].map(([, cve]) => cve);
    expect(shown.slice(0, 3)).toEqual(['CVE-2026-1050', 'CVE-2026-1040', 'CVE-2026-1000']);
  });

  it('that has no entities, alerts or times is enriched all the same', async () => {
    incident({ properties: { firstActivityTimeUtc: null, lastActivityTimeUtc: null }, alerts: [], entities: [] });
    expect(await enrich()).toMatchObject({ outcome: 'written', missing: [] });
  });
});

describe('what stands in the way', () => {
  it('is an incident that is gone, went into another, or is closed', async () => {
    expect(await enrich()).toMatchObject({ outcome: 'gone', calls: 1 });
    incident({ properties: { additionalData: { mergedIncidentNumber: 42 } } });
    expect((await enrich()).outcome).toBe('merged');
    sentinel.delete(NAME);
    incident({ properties: { status: 'Closed' } });
    expect((await enrich()).outcome).toBe('closed');
    expect((await enrich({ closed: true })).outcome).toBe('written');
  });

  it('is an incident that is deleted while it is looked at', async () => {
    incident();
    sentinel.beforeWrite = () => sentinel.delete(NAME);
    expect((await enrich()).outcome).toBe('gone');
  });

  it('is a workspace without tables, and storage that is away: said in the comment, and never fatal', async () => {
    incident();
    const away = () => Promise.reject(new Error('AccountKey=secret'));
    const report = await enrich({
      ports: {
        crosstrail: { identities: away, events: away, incidents: away },
        facts: { facts: away },
      },
    });
    expect(report.outcome).toBe('written');
    expect(report.missing).toEqual(
      expect.arrayContaining([
        'timeline of Crosstrail: could not be asked',
        'identities of Crosstrail: could not be asked',
        'incidents of Crosstrail: could not be asked',
        'vulnerabilities, assets and threat intelligence: could not be asked',
        expect.stringContaining('has no AzureActivity'),
      ]),
    );
    const [comment] = sentinel.comments(NAME);
    expect(comment?.message).toContain('What could not be asked');
    expect(comment?.message).not.toContain('secret');
  });

  it('is somebody who never answers: what there is by the end is written', async () => {
    incident();
    logs.answer = () => ({ kind: 'never' });
    const never = () => new Promise<never>(() => undefined);
    const crosstrail = {
      ...knownPorts().crosstrail,
      events: () => {
        setImmediate(() => end.abort());
        return never();
      },
    };
    logs.answer = (tables) => (tables.includes('IdentityInfo') ? undefined : { kind: 'never' });
    const report = await enrich({ ports: { crosstrail } });
    expect(report.outcome).toBe('written');
    expect(report.missing).toContain('timeline of Crosstrail: no time was left to ask');
    expect(report.missing.some((text) => text.startsWith('sign-ins: no time was left'))).toBe(true);
  });

  it.each(['alerts', 'entities'])('is a refusal of the %s alone: said, and the rest is written', async (part) => {
    incident();
    sentinel.failure = ({ path }) => (path.endsWith(`/${part}`) ? { status: 400, code: 'BadRequest' } : undefined);
    const report = await enrich();
    expect(report).toMatchObject({ outcome: 'written', written: { comment: 'written' } });
    expect(report.missing).toContain(`${part}: Sentinel did not give them`);
  });

  it('is a comment that is refused: nobody takes the incident for enriched', async () => {
    incident();
    sentinel.failure = ({ method }) => (method === 'PUT' ? { status: 403, code: 'AuthorizationFailed' } : undefined);
    const report = await enrich();
    expect(report.outcome).toBe('refused');
    expect(report.written?.notes.join()).toContain('AuthorizationFailed');
    expect(isIncomplete(report)).toBe(true);
  });

  it('is an incident that names more than is asked after: said', async () => {
    const addresses = Array.from({ length: 10_000 }, (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
    incident({
      alerts: [alert({ systemAlertId: 'a1', description: `AKIAINVENTED00000001 ${manyCves(600)}` })],
      entities: addresses.map((address) => ({ kind: 'Ip', name: address, properties: { address } })),
    });
    const { missing, additions } = await enrich();
    expect(missing).toEqual(
      expect.arrayContaining([
        'alerts: they name more than the 500 CVEs that are asked after',
        'entities: asked after the first 199 of 10000',
        'what Crosstrail and feeds know: asked after 60 of 200 ids',
      ]),
    );
    expect(additions?.comment).toContain('AKIAINVENTED00000001');
  });

  it('is a name that may mean several: said, and nobody taken for it', async () => {
    incident({ entities: [account({ accountName: 'ann' })] });
    directory();
    logs.table('IdentityInfo', {
      found: ['ann'],
      cells: { ObjectId: 'x', Tenant: TENANT, Upn: 'ann@fabrikam.example', Name: 'ann' },
    });
    const { additions } = await enrich();
    expect(additions?.comment).toContain('ann may mean several: ann&#64;contoso.example, ann&#64;fabrikam.example');
  });
});
