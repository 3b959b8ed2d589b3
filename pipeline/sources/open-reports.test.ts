import { describe, expect, it } from 'vitest';
import { decode, type Decoded } from './decode.ts';
import { openReports } from './open-reports.ts';
import { readRecord, sourceOf } from './registry.ts';

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
