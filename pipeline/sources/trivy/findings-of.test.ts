import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject } from '../../../test/records.ts';
import { isDeeperThan, type JsonObject } from '../../../platform/json.ts';
import { MAX_RECORDS } from '../report.ts';
import { trivyFindings } from './findings-of.ts';

const report = (...Results: JsonObject[]): JsonObject => ({ SchemaVersion: 2, ArtifactName: 'shop', Results });

describe('trivyFindings', () => {
  it('gives a record for each finding, with what stands around it', () => {
    const found = trivyFindings(
      {
        ...report({
          ...{ Target: 'a.lock', Class: 'lang-pkgs', Type: 'npm' },
          Vulnerabilities: [{ VulnerabilityID: 'CVE-2026-10001' }],
          Misconfigurations: [{ ID: 'AVD-AZU-0012' }],
          Secrets: [{ RuleID: 'aws-access-key-id' }],
          Licenses: [{ Name: 'MIT' }],
          Packages: [{ Name: 'invented-parser' }],
        }),
        CreatedAt: '2026-11-20T09:00:00Z',
      },
      Date.UTC(2026, 10, 21),
    );
    expect(found?.rejected).toEqual([]);
    const around = {
      ...{ SchemaVersion: 2, ArtifactName: 'shop', CreatedAt: '2026-11-20T09:00:00Z' },
      ...{ received: '2026-11-21T00:00:00.000Z', Result: { Target: 'a.lock', Class: 'lang-pkgs', Type: 'npm' } },
    };
    expect(found?.records).toEqual([
      { ...around, Vulnerability: { VulnerabilityID: 'CVE-2026-10001' } },
      { ...around, Misconfiguration: { ID: 'AVD-AZU-0012' } },
      { ...around, Secret: { RuleID: 'aws-access-key-id' } },
    ]);
  });

  it('takes neither secrets nor excerpts of code nor environments along', () => {
    const secret = 'invented-and-not-a-real-key';
    const Code = { Lines: [{ Content: secret }] };
    const found = trivyFindings(
      {
        ...report({ Secrets: [{ Match: secret, Code }], Misconfigurations: [{ CauseMetadata: { Code } }] }),
        ArtifactName: `https://${secret}@github.com/a/b`,
        Metadata: { ImageConfig: { config: { Env: [secret] } }, RepoURL: `https://x:${secret}@github.com/a/b` },
      },
      0,
    );
    expect(found?.records).toHaveLength(2);
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  it('says what gives no record', () => {
    expect(trivyFindings({ ...report(), Results: [7, { Secrets: ['x'] }] }, 0)?.rejected).toEqual([
      'Results: expected objects',
      'Results: expected an object for each secret',
    ]);
    const one = { VulnerabilityID: 'CVE-2026-10001' };
    const most = report({ Vulnerabilities: Array<JsonObject>(MAX_RECORDS).fill(one) });
    expect(trivyFindings(most, 0)).toMatchObject({ rejected: [] });
    const more = trivyFindings(report({ Vulnerabilities: Array<JsonObject>(MAX_RECORDS + 2).fill(one) }, {}), 0);
    expect(more?.records).toHaveLength(MAX_RECORDS);
    expect(more?.rejected).toEqual([`the reports of one body hold more than ${MAX_RECORDS} findings; split them`]);
  });

  it('gives none for a report without findings', () => {
    expect(trivyFindings(report(), 0)).toMatchObject({ records: [], rejected: [] });
    expect(trivyFindings({ SchemaVersion: 2, ArtifactName: 'shop' }, 0)).toMatchObject({ records: [] });
  });

  it.each([{ SchemaVersion: 1, ArtifactName: 'x' }, { SchemaVersion: 2 }, { ...report(), Secret: {} }, {}])(
    'leaves %j as it is',
    (value: JsonObject) => {
      expect(trivyFindings(value, 0)).toBeUndefined();
    },
  );

  it('is bounded whatever the report', () => {
    const names = ['Target', 'Vulnerabilities', 'Misconfigurations', 'Secrets', 'CVSS', 'ExperimentalModifiedFindings'];
    fc.assert(
      fc.property(fc.array(anyObject(names)), (results) => {
        for (const record of trivyFindings(report(...results), 0)?.records ?? []) {
          expect(isDeeperThan(record, 5)).toBe(false);
        }
      }),
    );
  });
});
