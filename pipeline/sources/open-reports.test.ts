import { describe, expect, it } from 'vitest';
import { decode, type Decoded } from './decode.ts';
import { openReports } from './open-reports.ts';
import { readRecord, sourceOf } from './registry.ts';
import { MAX_RECORDS, MAX_REPEATED } from './report.ts';

const decoded = (value: unknown, received?: number): Decoded[] =>
  decode(new TextEncoder().encode(JSON.stringify(value)), undefined, received);

const SARIF = {
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'x' } }, results: [{ ruleId: 'a' }, { ruleId: 'b' }] }],
};
const TRIVY = { SchemaVersion: 2, ArtifactName: 'shop', Results: [{ Secrets: [{ RuleID: 'a' }] }] };

describe('openReports', () => {
  it('takes reports apart wherever they stand, and counts every place', () => {
    const places = decoded({ records: [{ a: 1 }, SARIF, 7, TRIVY] }, Date.UTC(2026, 10, 20));
    expect(places.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(places.map((place) => ('record' in place ? sourceOf(place.record)?.id : place.rejected))).toEqual([
      ...[undefined, 'sarif', 'sarif', 'a record must be a JSON object, found a number', 'trivy'],
    ]);
  });

  it('gives nothing for an empty report, and a place for each part that cannot be read', () => {
    expect(decoded({ version: '2.1.0', runs: [] })).toEqual([]);
    expect(decoded({ version: '2.1.0', runs: [null] })).toEqual([{ index: 0, rejected: 'runs.0: expected an object' }]);
  });

  it('makes no more of all reports of a body together than of one', () => {
    const results = Array.from({ length: 60_000 }, () => ({}));
    const log = JSON.stringify({ version: '2.1.0', runs: [{ results }] });
    const places = decode(new TextEncoder().encode(`${log}\n${log}\n${log}\n`));
    expect(places.filter((place) => 'record' in place)).toHaveLength(MAX_RECORDS);
    const reason = `the reports of one body hold more than ${MAX_RECORDS} findings; split them`;
    expect(places.flatMap((place) => ('rejected' in place ? [place.rejected] : []))).toEqual([reason, reason]);
  });

  it.each([
    [
      'SARIF',
      (long: readonly string[], many: readonly object[]) => ({
        version: '2.1.0',
        runs: [{ properties: { repoTags: long }, results: many }],
      }),
    ],
    [
      'Trivy',
      (long: readonly string[], many: readonly object[]) => ({
        SchemaVersion: 2,
        ArtifactName: 'shop',
        Metadata: { RepoTags: long },
        Results: [{ Vulnerabilities: many }],
      }),
    ],
  ])('repeats no more of a report of %s than fits into memory', (_name, report) => {
    const long = Array.from({ length: 20 }, () => 'x'.repeat(2000));
    const places = decoded(
      report(
        long,
        Array.from({ length: 10_000 }, () => ({})),
      ),
    );
    const records = places.filter((place) => 'record' in place).length;
    expect(records).toBeGreaterThan(1500);
    expect(records * 40_000).toBeLessThan(MAX_REPEATED);
    expect(places.at(-1)).toMatchObject({ rejected: expect.stringContaining('split it') as string });
  });

  it('leaves other records as they are, without a copy', () => {
    const found: Decoded[] = [
      { index: 0, record: { eventName: 'x' } },
      { index: 1, rejected: 'y' },
    ];
    expect(openReports(found, undefined)).toBe(found);
    expect(decoded({ alert: 'text', runs: 'x' })).toEqual([{ index: 0, record: { alert: 'text', runs: 'x' } }]);
  });

  it('gives records that are read without the report, also when they are sent on', () => {
    const [place] = decoded(SARIF, Date.UTC(2026, 10, 20));
    const [again] = decoded([place !== undefined && 'record' in place ? place.record : null]);
    expect(again).toEqual(place);
    expect(again !== undefined && 'record' in again && readRecord(again.record).event.time).toBe(
      Date.UTC(2026, 10, 20),
    );
  });
});
