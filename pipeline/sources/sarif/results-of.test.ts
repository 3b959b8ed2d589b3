import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject } from '../../../test/records.ts';
import { isDeeperThan, type JsonObject } from '../../../platform/json.ts';
import { MAX_RECORDS } from '../report.ts';
import { sarifResults } from './results-of.ts';

const log = (...runs: JsonObject[]): JsonObject => ({ version: '2.1.0', runs });
const ruleIds = (run: JsonObject) =>
  sarifResults(log(run), undefined)?.records.map(({ rule }) => (rule as JsonObject | undefined)?.['id']);

describe('sarifResults', () => {
  it('finds the rule of a result by its place or its id, in the driver or an extension', () => {
    const tool = {
      driver: { rules: [{ id: 'a' }, { id: 'b' }] },
      extensions: [{ rules: [{ id: 'c' }] }, { rules: [{ id: 'd' }, { id: 'e' }] }],
    };
    const results = [
      { ruleIndex: 1 },
      { ruleId: 'a' },
      { ruleId: 'b/7' },
      { rule: { index: 1, toolComponent: { index: 1 } } },
      { ruleId: 'c' },
      { rule: { id: 'a' } },
      { ruleId: 'a', ruleIndex: -1 },
      { ruleId: 'unknown' },
      { ruleIndex: 99 },
      {},
    ];
    expect(ruleIds({ tool, results })).toEqual(['b', 'a', 'b', 'e', 'c', 'a', 'a', undefined, undefined, undefined]);
  });

  it('takes no excerpts of code, command lines or credentials along', () => {
    const secret = 'invented-and-not-a-real-key';
    const place = {
      physicalLocation: {
        artifactLocation: { uri: `https://${secret}@git.contoso.example/a.ts` },
        region: { startLine: 1, snippet: { text: secret } },
        contextRegion: { snippet: { text: secret } },
      },
    };
    const run = {
      tool: {
        driver: { name: 'gitleaks', rules: [{ id: 'key', fullDescription: { text: secret }, help: { text: secret } }] },
      },
      invocations: [{ commandLine: secret, environmentVariables: { TOKEN: secret } }],
      versionControlProvenance: [{ repositoryUri: `https://${secret}@github.com/a/b` }],
      results: [
        {
          ruleId: 'key',
          message: { text: secret },
          fingerprints: { whole: secret },
          partialFingerprints: { commitMessage: secret },
          locations: [place],
          codeFlows: [place],
          fixes: [{ description: { text: secret } }],
        },
      ],
    };
    expect(JSON.stringify(sarifResults(log(run), 0))).not.toContain(secret);
  });

  it('carries what a run says once along with each result, bounded', () => {
    const long = 'x'.repeat(100_000);
    const rules = [
      { id: 'a', help: { text: long }, fullDescription: { text: long }, properties: { tags: Array(1000).fill(long) } },
    ];
    const results = Array.from({ length: 100 }, () => ({ ruleId: 'a' }));
    const report = sarifResults(log({ tool: { driver: { name: long, rules } }, results }), undefined);
    expect(report?.records).toHaveLength(100);
    expect(JSON.stringify(report?.records[0]).length).toBeLessThan(60_000);
    expect(report?.records[0]?.['rule']).toBe(report?.records[99]?.['rule']);
  });

  it('says when the log came, and nothing where nobody knows', () => {
    const one = log({ results: [{}] });
    expect(sarifResults(one, Date.UTC(2026, 10, 20))?.records[0]?.['received']).toBe('2026-11-20T00:00:00.000Z');
    expect(sarifResults(one, 0)?.records[0]).not.toHaveProperty('received');
    expect(sarifResults(one, NaN)?.records[0]).not.toHaveProperty('received');
  });

  it('says what gives no record', () => {
    expect(sarifResults(log({ externalPropertyFileReferences: { results: [{}] } }), 0)?.rejected).toEqual([
      expect.stringContaining('files of their own'),
    ]);
    expect(sarifResults({ version: '2.1.0', runs: [null, { results: [7] }] }, 0)?.rejected).toEqual([
      'runs.0: expected an object',
      'runs.1.results: expected objects',
    ]);
    const report = sarifResults(log({ results: Array(MAX_RECORDS + 2).fill({}) }), 0);
    expect(report?.records).toHaveLength(MAX_RECORDS);
    expect(report?.rejected).toEqual([`the reports of one body hold more than ${MAX_RECORDS} findings; split them`]);
  });

  it.each([{ version: '2.0.0', runs: [] }, { runs: [] }, { version: '2.1.0', runs: {} }, {}])(
    'leaves %j as it is',
    (value: JsonObject) => {
      expect(sarifResults(value, 0)).toBeUndefined();
    },
  );

  it('is bounded whatever the log', () => {
    const names = ['tool', 'driver', 'extensions', 'rules', 'results', 'ruleId', 'rule', 'message', 'fingerprints'];
    fc.assert(
      fc.property(fc.array(anyObject(names)), (runs) => {
        for (const record of sarifResults(log(...runs), 0)?.records ?? []) expect(isDeeperThan(record, 8)).toBe(false);
      }),
    );
    const nested = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
    const deep = JSON.parse(`{"version":"2.1.0","runs":[{"results":[{"properties":${nested}}]}]}`) as JsonObject;
    expect(isDeeperThan(sarifResults(deep, 0)?.records[0], 8)).toBe(false);
  });

  it('takes no time over many extensions and unknown rules', () => {
    const extensions = Array.from({ length: 10_000 }, () => ({ rules: [{ id: 'a' }] }));
    const results = Array.from({ length: 10_000 }, (_, at) => ({ ruleId: `unknown-${at}` }));
    const started = performance.now();
    sarifResults(log({ tool: { extensions }, results }), 0);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
