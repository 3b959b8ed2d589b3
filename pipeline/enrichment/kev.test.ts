import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpus } from '../../test/corpus.ts';
import { FeedError } from './feed-error.ts';
import { parseKev } from './kev.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const ENTRY = {
  cveID: 'CVE-2026-11111',
  vendorProject: 'Fabrikam',
  product: 'Gateway',
  vulnerabilityName: 'Fabrikam Gateway Command Injection',
  dateAdded: '2026-01-01',
  shortDescription: 'Invented.',
  requiredAction: 'Apply the update.',
  dueDate: '2026-01-22',
  knownRansomwareCampaignUse: 'Known',
  notes: '',
  cwes: ['CWE-77'],
};
const catalogue = (vulnerabilities: readonly object[], more: object = {}): Uint8Array =>
  bytes(JSON.stringify({ catalogVersion: '2026.01.01', vulnerabilities, ...more }));

describe('parseKev', () => {
  it('reads the catalogue, plain or gzip', () => {
    const published = catalogue([ENTRY], { count: 1, dateReleased: '2026-01-01T12:00:00.1Z', title: 'Catalog' });
    for (const body of [published, gzipSync(published)]) {
      const kev = parseKev(body);
      expect(kev).toMatchObject({ version: '2026.01.01', released: '2026-01-01T12:00:00.1Z' });
      expect(kev.entries.get('CVE-2026-11111')).toEqual({
        name: 'Fabrikam Gateway Command Injection',
        dateAdded: '2026-01-01',
        dueDate: '2026-01-22',
        ransomware: true,
      });
    }
  });

  it('takes entries that leave out what they may', () => {
    const kev = parseKev(
      catalogue([{ cveID: 'CVE-2026-11111' }, { cveID: 'CVE-2026-22222', dueDate: '', dateAdded: null, cwes: null }]),
    );
    const nothing = { name: '', dateAdded: '', dueDate: '', ransomware: false };
    expect([...kev.entries.values()]).toEqual([nothing, nothing]);
  });

  it('sees by the digest that the rest of an entry was edited', () => {
    const digest = (more: object) => parseKev(catalogue([{ ...ENTRY, ...more }])).digests.get('CVE-2026-11111');
    expect(digest({ requiredAction: 'Take it off the network.' })).not.toBe(digest({}));
    expect(digest({ dueDate: '2026-02-01' })).toBe(digest({}));
  });

  it.each([
    ['nothing', bytes('')],
    ['a page', bytes('<html>busy</html>')],
    ['no entries', catalogue([])],
    ['another object', bytes('{}')],
    ['an id that is none', catalogue([{ ...ENTRY, cveID: 'x' }])],
    ['an entry twice', catalogue([ENTRY, ENTRY])],
    ['fewer entries than it counts', catalogue([ENTRY], { count: 2 })],
    ['a date that is none', catalogue([{ ...ENTRY, dueDate: '2026-02-31' }])],
    ['a name of a megabyte', catalogue([{ ...ENTRY, vulnerabilityName: 'x'.repeat(1_000_000) }])],
    ['half of a catalogue', catalogue([ENTRY]).subarray(0, 100)],
    ['half of a gzip file', gzipSync(catalogue([ENTRY])).subarray(0, 60)],
    ['bytes that are no text', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['a gzip file that unpacks to far more', gzipSync(Buffer.alloc(40 * 1024 * 1024))],
  ])('refuses %s', (_what, body) => expect(() => parseKev(body)).toThrow(FeedError));

  it('refuses whatever is none by the one named error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => parseKev(bytes(text))).toThrow(FeedError);
      }),
    );
  });

  it('holds names of prototypes for what they are', () => {
    const kev = parseKev(
      bytes(
        `{"catalogVersion":"1","__proto__":{"x":1},"vulnerabilities":[{"cveID":"CVE-2026-1111","__proto__":{"dueDate":"2026-01-01"}}]}`,
      ),
    );
    expect(kev.entries.get('CVE-2026-1111')?.dueDate).toBe('');
    expect(kev.entries.get('__proto__')).toBeUndefined();
  });
});

const folder = corpus('threat-intel') ?? '';
it.skipIf(folder === '')(`reads the catalogue of the corpus${folder === '' ? ' (absent: skipped)' : ''}`, () => {
  const kev = parseKev(readFileSync(`${folder}/known_exploited_vulnerabilities.json`));
  expect(kev.entries.size).toBe(1662);
  expect([...kev.entries.values()].filter(({ ransomware }) => ransomware)).toHaveLength(338);
});
