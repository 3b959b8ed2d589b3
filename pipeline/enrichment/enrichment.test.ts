import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { corpus } from '../../test/corpus.ts';
import { parseEpss } from './epss.ts';
import { FeedError } from './feed-error.ts';
import { parseKev } from './kev.ts';

const KEV = JSON.stringify({
  catalogVersion: '2026.01.01',
  vulnerabilities: [
    {
      cveID: 'CVE-2026-11111',
      vulnerabilityName: 'Invented',
      dateAdded: '2026-01-01',
      dueDate: '2026-01-22',
      knownRansomwareCampaignUse: 'Known',
    },
  ],
});
const EPSS =
  '#model_version:v2026.01.01,score_date:2026-01-30T12:00:00Z\ncve,epss,percentile\nCVE-2026-11111,0.91,0.99\nCVE-2026-2222,4.5e-05,0.01\n';

describe('parseKev', () => {
  it('reads the catalogue', () => {
    expect(parseKev(KEV).entries.get('CVE-2026-11111')).toEqual({
      name: 'Invented',
      dateAdded: '2026-01-01',
      dueDate: '2026-01-22',
      ransomware: true,
    });
  });
  it.each([
    '',
    '<html>busy</html>',
    '{}',
    '{"catalogVersion":"1","vulnerabilities":[]}',
    '{"catalogVersion":"1","vulnerabilities":[{"cveID":"x"}]}',
  ])('refuses %s', (text) => expect(() => parseKev(text)).toThrow(FeedError));
});

describe('parseEpss', () => {
  it('reads scores and the model', () => {
    const epss = parseEpss(EPSS);
    expect(epss).toMatchObject({ model: 'v2026.01.01', size: 2 });
    expect(epss.get('cve-2026-11111')).toEqual({ probability: 0.91, percentile: 0.99 });
    expect(epss.get('CVE-2026-2222')).toEqual({ probability: 0.000045, percentile: 0.01 });
    expect(epss.get('CVE-2026-3333')).toBeUndefined();
  });
  it.each([
    '',
    '<html>',
    'cve,epss,percentile\n',
    EPSS.replace('0.91', '-1'),
    EPSS.replace('0.91', '91'),
    EPSS.slice(0, -3) + 'x',
  ])('refuses %j', (text) => expect(() => parseEpss(text)).toThrow(FeedError));
});

const folder = corpus('threat-intel') ?? '';
describe.skipIf(folder === '')(`the feeds of the corpus${folder === '' ? ' (absent: skipped)' : ''}`, () => {
  it('are read whole', () => {
    const kev = parseKev(readFileSync(`${folder}/known_exploited_vulnerabilities.json`, 'utf8'));
    expect(kev.entries.size).toBe(1662);
    const epss = parseEpss(gunzipSync(readFileSync(`${folder}/epss_scores.csv.gz`)).toString('utf8'));
    expect(epss.size).toBe(313_089);
  });
});
