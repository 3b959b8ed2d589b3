import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { azureConnection } from '../../../platform/azure/connection.ts';
import { FakeLogAnalytics } from '../../../test/fakes/log-analytics.ts';
import { allIds, type EntityIds } from '../entity-ids.ts';
import { ACTIVITY_QUERIES, AWS_CALLS, AZURE_CHANGES, OTHER_ALERTS, SIGN_INS } from './activity-queries.ts';
import { IDENTITIES } from './identity-query.ts';
import { logAnalytics } from './log-analytics.ts';
import type { LogQuery } from './log-query.ts';
import type { LogAnswer } from './log-reader.ts';

const WORKSPACE = '00000000-0000-4000-8000-0000000000ee';
const NINE = Date.UTC(2026, 10, 20, 9);
const HOUR = 3_600_000;
const WINDOW = { from: NINE - HOUR, to: NINE + HOUR };
const ANN = 'ann@contoso.example';

let service: FakeLogAnalytics;
let end: AbortController;

beforeEach(async () => {
  service = await FakeLogAnalytics.start(WORKSPACE);
  end = new AbortController();
});
afterEach(() => service.close());

async function ask(query: LogQuery, ids: EntityIds = { upns: [ANN] }, workspaceId = WORKSPACE): Promise<LogAnswer> {
  const endpoints = { arm: service.url, login: service.url, graph: service.url, logs: service.url };
  const reader = logAnalytics(await azureConnection(endpoints), { workspaceId, signal: end.signal, retryDelay: 1 });
  return reader.query(query, allIds([ids]), WINDOW);
}

const signIn = (time: number, who = ANN) => ({
  time,
  found: [who],
  cells: { Id: `id-${time}`, Who: who, What: 'Sign-in', Outcome: 'success' },
});

describe('a workspace', () => {
  it('gives what is found by the ids, in the time asked for, newest first', async () => {
    service.table(
      'SigninLogs',
      signIn(NINE - HOUR),
      signIn(NINE),
      signIn(NINE + HOUR),
      signIn(NINE, 'bob@contoso.example'),
    );
    const { rows, more, problem } = await ask(SIGN_INS);
    expect(rows).toEqual([
      { Time: NINE, Id: `id-${NINE}`, Who: ANN, What: 'Sign-in', Outcome: 'success' },
      { Time: NINE - HOUR, Id: `id-${NINE - HOUR}`, Who: ANN, What: 'Sign-in', Outcome: 'success' },
    ]);
    expect({ more, problem }).toEqual({ more: false, problem: undefined });
    expect(service.seen).toMatchObject([{ from: WINDOW.from, to: WINDOW.to, prefer: 'wait=20' }]);
    expect(service.seen[0]?.values).toEqual({ upns: [ANN], objectIds: [], addresses: [] });
  });

  it('is told nothing in the text of a query but what was written for it', async () => {
    service.table('AzureActivity');
    const hostile = `x"); union withsource=T * | take 10 //`;
    await ask(AZURE_CHANGES, { upns: [hostile], addresses: ['203.0.113.9'] });
    const [seen] = service.seen;
    expect(seen?.values).toMatchObject({ upns: [hostile] });
    expect(seen?.text.split('\n').slice(4).join('\n')).toBe(AZURE_CHANGES.text);
    expect(seen?.text).not.toContain('withsource');
    expect(seen?.text).not.toContain('203.0.113.9');
  });

  it('is not asked where there is nothing to ask by', async () => {
    expect(await ask(AWS_CALLS, { hosts: ['web-1'] })).toEqual({ rows: [], more: false });
    expect(service.seen).toEqual([]);
  });

  it('says where there is more than was taken', async () => {
    service.table('AzureActivity', ...Array.from({ length: 200 }, (_, at) => signIn(NINE - at * 1000)));
    const { rows, more } = await ask(AZURE_CHANGES);
    expect(rows).toHaveLength(AZURE_CHANGES.rows);
    expect(more).toBe(true);
  });

  it('opens lists and leaves out other objects', async () => {
    service.table('IdentityInfo', { found: [ANN], cells: { Upn: ANN, Roles: ['Global Administrator'] } });
    expect((await ask(IDENTITIES)).rows).toEqual([{ Upn: ANN, Roles: ['Global Administrator'] }]);
  });
});

describe('what goes wrong', () => {
  it('is a table that is not there: said, except where one of several is enough', async () => {
    expect(await ask(AWS_CALLS)).toEqual({
      rows: [],
      more: false,
      problem: 'calls in AWS: the workspace has no AWSCloudTrail, or they lack a column',
    });
    service.table('AADNonInteractiveUserSignInLogs', signIn(NINE));
    expect(await ask(SIGN_INS)).toMatchObject({ rows: [{ Who: ANN }] });
    expect((await ask(IDENTITIES)).problem).toContain('IdentityInfo, SigninLogs');
  });

  it('is part of an answer, which is taken and said to be a part', async () => {
    service.table('SigninLogs', signIn(NINE));
    service.answer = () => ({ kind: 'partial' });
    expect(await ask(SIGN_INS)).toMatchObject({
      rows: [{ Who: ANN }],
      problem: 'sign-ins: only part of them (Something went wrong processing your query on the server.)',
    });
  });

  it('is a query that takes too long', async () => {
    service.answer = () => ({ kind: 'slow' });
    expect((await ask(SIGN_INS)).problem).toBe('sign-ins: the workspace took too long');
  });

  it('is throttling, which is waited out where it passes and said where it does not', async () => {
    service.table('SigninLogs', signIn(NINE));
    service.answer = (_, count) => (count < 3 ? { kind: 'status', status: 429, retryAfter: '0' } : undefined);
    expect(await ask(SIGN_INS)).toMatchObject({ rows: [{ Who: ANN }] });
    expect(service.seen).toHaveLength(3);
    service.answer = () => ({ kind: 'status', status: 429, retryAfter: '0' });
    expect((await ask(SIGN_INS)).problem).toBe('sign-ins: the workspace is asked too much at the moment');
  });

  it('is a service that wants to be asked in an hour, which nobody waits for', async () => {
    service.answer = () => {
      setImmediate(() => end.abort());
      return { kind: 'status', status: 429, retryAfter: '3600' };
    };
    expect((await ask(SIGN_INS)).problem).toBe('sign-ins: no time was left to ask');
  });

  it('is a service that does not answer until there is no time left', async () => {
    service.answer = () => {
      setImmediate(() => end.abort());
      return { kind: 'never' };
    };
    expect((await ask(SIGN_INS)).problem).toBe('sign-ins: no time was left to ask');
    expect((await ask(SIGN_INS)).problem).toBe('sign-ins: no time was left to ask');
    expect(service.seen).toHaveLength(1);
  });

  it('is a page where an answer should be, a role that is not there, and another workspace', async () => {
    for (const status of [200, 502]) {
      service.answer = () => ({ kind: 'html', status });
      expect((await ask(SIGN_INS)).problem).toMatch(/^sign-ins: the workspace answered with something that cannot be/);
    }
    service.answer = () => ({ kind: 'status', status: 403 });
    expect((await ask(SIGN_INS)).problem).toContain('needs a role such as Microsoft Sentinel Reader');
    expect((await ask(SIGN_INS, undefined, '00000000-0000-4000-8000-0000000000ef')).problem).toContain(
      'no such workspace',
    );
  });
});

describe('every query', () => {
  const LISTS = /\bin~? \((\w+)\)|has_any \((\w+)\)/g;
  it.each([...ACTIVITY_QUERIES, OTHER_ALERTS, IDENTITIES])('is bounded and asks by what it says: $title', (query) => {
    const { text, asksBy, rows, tables } = query;
    const lists = new Set([...text.matchAll(LISTS)].map(([, one, other]) => one ?? other));
    expect([...lists].sort()).toEqual([...asksBy].sort());
    expect(text).toMatch(new RegExp(`\\| (?:top|take) ${rows + 1}(?: by Time desc)?$`));
    for (const table of tables) expect(text).toMatch(new RegExp(`(?:^|\\()${table}\\s*\\|`, 'm'));
    expect(text).not.toMatch(/parse_json|\$\{/);
  });
});
