import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpus } from '../../test/corpus.ts';
import { parseEpss } from './epss.ts';
import { FeedError } from './feed-error.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const HEAD = '#model_version:v2026.01.01,score_date:2026-01-30T12:55:00Z\ncve,epss,percentile\n';
const FILE = `${HEAD}CVE-2026-11111,0.91,0.99\nCVE-2026-2222,4.5e-05,0.01\nCVE-1999-0001,1,1.0\n`;

describe('parseEpss', () => {
  it('reads scores and the model, plain or gzip, with either end of line', () => {
    for (const body of [bytes(FILE), gzipSync(FILE), bytes(FILE.replaceAll('\n', '\r\n')), bytes(FILE.trimEnd())]) {
      const epss = parseEpss(body);
      expect(epss).toMatchObject({ model: 'v2026.01.01', scoreDate: '2026-01-30T12:55:00Z', size: 3 });
      expect(epss.get('cve-2026-11111')).toEqual({ probability: 0.91, percentile: 0.99 });
      expect(epss.get('CVE-2026-2222')).toEqual({ probability: 0.000045, percentile: 0.01 });
      expect(epss.get('CVE-1999-0001')).toEqual({ probability: 1, percentile: 1 });
    }
  });

  it.each([
    'CVE-2026-3333',
    'CVE-1999-1',
    'CVE-1999-00001',
    'CVE-2026-011111',
    'CVE-0000-0000',
    'CVE-1989-0000',
    '',
    '__proto__',
  ])('knows nothing of %j', (cve) => expect(parseEpss(bytes(FILE)).get(cve)).toBeUndefined());

  it.each([
    ['nothing', ''],
    ['a page', '<html>'],
    ['no comment line', 'cve,epss,percentile\nCVE-2026-1111,0.1,0.2\n'],
    ['no rows', HEAD],
    ['a date that is none', FILE.replace('2026-01-30', '2026-13-30')],
    ['a score below 0', FILE.replace('0.91', '-0.91')],
    ['a score above 1', FILE.replace('0.91', '1.0001')],
    ['a score that is no number', FILE.replace('0.91', 'NaN')],
    ['no score', FILE.replace('0.91', '')],
    ['a score with no digit before the point', FILE.replace('0.91', '.91')],
    ['a score of a thousand digits', FILE.replace('0.91', `0.${'0'.repeat(1000)}1`)],
    ['a power above', FILE.replace('4.5e-05', '4.5e05')],
    ['a power without a number', FILE.replace('4.5e-05', '4.5e-')],
    ['a fourth column', FILE.replace('0.99', '0.99,0.5')],
    ['a row cut off', FILE.slice(0, -4)],
    ['an empty line', FILE.replace('\nCVE-1999', '\n\nCVE-1999')],
    ['an id that is none', FILE.replace('CVE-1999-0001', 'GHSA-xxxx')],
    ['an id in another spelling', FILE.replace('CVE-1999-0001', 'CVE-1999-00001')],
    ['an id of a year that cannot be', FILE.replace('CVE-1999', 'CVE-9999')],
    ['an id of ten digits', FILE.replace('CVE-1999-0001', 'CVE-1999-4294967297')],
    ['an id twice', `${FILE}CVE-2026-11111,0.5,0.5\n`],
    ['an id twice in other letters', `${FILE}cve-2026-11111,0.5,0.5\n`],
  ])('refuses %s', (_what, text) => expect(() => parseEpss(bytes(text))).toThrow(FeedError));

  it('refuses what is packed beyond its bounds, or cut off', () => {
    const packed = gzipSync(FILE);
    const damaged = Uint8Array.from(packed);
    damaged[packed.length - 7] = (damaged[packed.length - 7] ?? 0) ^ 1;
    expect(() => parseEpss(packed.subarray(0, -10))).toThrow('damaged or cut off');
    expect(() => parseEpss(damaged)).toThrow('damaged or cut off');
    expect(() => parseEpss(gzipSync(Buffer.alloc(70 * 1024 * 1024)))).toThrow('unpacks to more than');
    expect(() => parseEpss(bytes(HEAD + '\n'.repeat(1_300_000)))).toThrow('more than 1250000 rows');
  });

  it('names the line of what it refuses', () => {
    expect(() => parseEpss(bytes(FILE.replace('4.5e-05', 'x')))).toThrow('line 4 ');
  });

  it('gives every score as it is written, whatever else is in the file', () => {
    const score = fc.integer({ min: 0, max: 1e9 }).map((billionths) => String(billionths / 1e9));
    const cve = fc
      .tuple(fc.integer({ min: 1999, max: 2040 }), fc.integer({ min: 0, max: 999_999_999 }))
      .map(([year, number]) => `CVE-${year}-${String(number).padStart(4, '0')}`);
    const rows = fc.uniqueArray(fc.tuple(cve, score, score), { minLength: 1, maxLength: 200, selector: ([id]) => id });
    fc.assert(
      fc.property(rows, (all) => {
        const epss = parseEpss(bytes(HEAD + all.map((row) => `${row.join(',')}\n`).join('')));
        expect(epss.size).toBe(all.length);
        for (const [id, probability, percentile] of all) {
          expect(epss.get(id)).toEqual({ probability: Number(probability), percentile: Number(percentile) });
        }
        expect([...epss.scores()].map(([id]) => id).sort()).toEqual(all.map(([id]) => id).sort());
      }),
    );
  });

  it('refuses whatever is none by the one named error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseEpss(bytes(text))).toThrow(FeedError);
        if (text !== '') expect(() => parseEpss(bytes(`${FILE}CVE-2026-1,${text}`))).toThrow(FeedError);
      }),
    );
  });
});

const file = corpus('threat-intel/epss_scores.csv.gz') ?? '';
it.skipIf(file === '')(
  `gives each score of the corpus as it is written${file === '' ? ' (absent: skipped)' : ''}`,
  () => {
    const packed = readFileSync(file);
    const epss = parseEpss(packed);
    const rows = gunzipSync(packed).toString('latin1').trimEnd().split('\n').slice(2);
    expect(epss.size).toBe(rows.length);
    const wrong = rows.filter((row) => {
      const [cve = '', probability, percentile] = row.split(',');
      const score = epss.get(cve);
      return score?.probability !== Number(probability) || score.percentile !== Number(percentile);
    });
    expect(wrong).toEqual([]);
  },
);
