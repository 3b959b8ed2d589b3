import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../platform/json.ts';
import { FeedError } from '../../feed-error.ts';
import { IgnoredValues } from '../ignored-values.ts';
import type { IndicatorTable } from '../indicator-table.ts';
import { intelFeeds } from '../intel-feed.ts';
import { bytesOf, sourceSettings, stixBundle, stixIndicator } from '../intel-samples.ts';

function read(text: string, settings: JsonObject): IndicatorTable {
  const sources = [sourceSettings(settings)];
  const [feed] = intelFeeds({ sources, ignore: [] }, new IgnoredValues(['contoso.example', '192.0.2.0/24']));
  if (feed === undefined) throw new Error('no feed');
  return feed.parse(bytesOf(text));
}
const refused = (table: IndicatorTable): JsonObject =>
  Object.fromEntries([...table.refused].map(([reason, { count }]) => [reason, count]));

describe('lists', () => {
  const list = (text: string): IndicatorTable => read(text, { file: 'blocklist.txt' });

  it('are read line by line', () => {
    const text = [
      '# addresses of an invented group',
      '203.0.113.7',
      '203.0.113.8 # seen on 2026-11-02',
      '198.51.100.0/24 ; CASE-1',
      '"2001:db8::1",phishing',
      '',
      '; more',
      'login.fabrikam.example',
      '0.0.0.0 ads.fabrikam.example',
      'https://kit.fabrikam.example/a,b;c',
    ];
    const values = ['203.0.113.7', '203.0.113.8', '198.51.100.0/24', '2001:db8::1'];
    const domains = ['login.fabrikam.example', 'ads.fabrikam.example', 'kit.fabrikam.example'];
    for (const end of ['\n', '\r\n']) {
      expect([...list(text.join(end)).values()].sort()).toEqual([...values, ...domains].sort());
    }
  });

  it('give what is said of all', () => {
    const table = read('203.0.113.7', { file: 'x', confidence: 80, labels: ['phishing'] });
    expect(table.ofAddress('203.0.113.7')).toEqual([
      {
        id: 'contoso-intel/203.0.113.7',
        kind: 'address',
        value: '203.0.113.7',
        source: 'contoso-intel',
        confidence: 80,
        labels: ['phishing'],
      },
    ]);
  });

  it('hold the host of a page for evidence and no more', () => {
    const [indicator] = list('https://pages.fabrikam.example/login.php').ofDomain('pages.fabrikam.example');
    expect(indicator).toMatchObject({
      confidence: 30,
      description: 'the page https://pages.fabrikam.example/login.php there',
    });
  });

  it.each([
    ['0.0.0.0/0', 'too wide'],
    ['203.0.0.0/8', 'too wide'],
    ['::/0', 'too wide'],
    ['2000::/3', 'too wide'],
    ['10.1.2.3', 'not public addresses'],
    ['169.254.169.254', 'not public addresses'],
    ['168.63.129.16', 'not public addresses'],
    ['192.160.0.0/12', 'not public addresses'],
    ['fe80::1', 'not public addresses'],
    ['com', 'shared by many'],
    ['co.uk', 'shared by many'],
    ['https://login.microsoftonline.com/common', 'shared by many'],
    ['192.0.2.77', 'ignored or one’s own'],
    ['mail.contoso.example', 'ignored or one’s own'],
    ['203.0.113.300', 'not understood'],
    ['203.0.113.7', 'said before'],
  ])('refuse %s: %s', (line, reason) => {
    const table = list(`203.0.113.7\nfabrikam.example\n${line}\n`);
    expect([table.size, refused(table)]).toEqual([2, { [reason]: 1 }]);
  });

  it('of ten million rows cost bounded memory, and say how many were left out', () => {
    const rows = Array.from({ length: 3000 }, (_, at) => `203.0.${100 + (at >> 8)}.${at & 255}`);
    const table = read(rows.join('\n'), { file: 'x', maxIndicators: 1000 });
    expect([table.size, refused(table)]).toEqual([1000, { 'too many': 2000 }]);
  });

  it.each([
    ['a page', '<html><body>203.0.113.7</body></html>'],
    ['nothing', ''],
    ['comments alone', '# nothing today\n'],
    ['prose', 'The service is busy.\nPlease try again later.\n203.0.113.7\n'],
    ['only what cannot be used', '10.0.0.1\ncom\n'],
  ])('that are %s are refused', (_, text) => {
    expect(() => list(text)).toThrow(FeedError);
  });
});

it('what sources say has a name: the last change in it, or the beginning of its checksum', () => {
  const changed = stixIndicator('01', "[ipv4-addr:value = '203.0.113.7']", { modified: '2026-11-05T00:00:00Z' });
  expect(
    read(stixBundle(stixIndicator('02', "[url:value = 'https://a.example']"), changed), { file: 'x.json' }).version,
  ).toBe('2026-11-05T00:00:00.000Z');
  const [one, other] = ['203.0.113.7', '203.0.113.8'].map((text) => read(text, { file: 'x' }).version);
  expect(one).toMatch(/^[0-9a-f]{12}$/);
  expect(one).not.toBe(other);
});

describe('CSV', () => {
  const CSV = [
    '# made by an invented company',
    'first_seen,ioc,confidence,tags,comment,expires',
    '2026-11-01 08:00:00,203.0.113.7,high,"phishing, botnet",an exit,2026-12-01T00:00:00Z',
    ',fabrikam.example,,,,',
  ].join('\n');

  it('tells what it says of each', () => {
    const table = read(CSV, { file: 'indicators.csv' });
    expect(table.ofAddress('203.0.113.7')).toMatchObject([
      {
        confidence: 85,
        labels: ['phishing', 'botnet'],
        description: 'an exit',
        validFrom: Date.UTC(2026, 10, 1, 8),
        validUntil: Date.UTC(2026, 11, 1),
      },
    ]);
    expect(table.ofDomain('fabrikam.example')).toMatchObject([{ confidence: 60, labels: [] }]);
  });

  it('has columns as the configuration names them, or as a comment does', () => {
    const columns = { value: 'Observable', confidence: 'Score' };
    const table = read('Observable,Score\n203.0.113.7,20\n', { file: 'x', columns });
    expect(table.ofAddress('203.0.113.7')).toMatchObject([{ confidence: 20 }]);
    expect(read('# seen\n# first_seen,ioc\n2026-11-01,203.0.113.7\n', { file: 'x.csv' }).size).toBe(1);
  });

  it.each([
    ['without a column of values', 'a,b\n1,2\n', 'columns.value'],
    ['without the column that is named', 'a,b\n1,2\n', 'has no column "Observable"'],
    ['that breaks off', 'ip,comment\n203.0.113.7,"half', 'not CSV: line 2'],
    ['that has no row', 'ip\n', 'no indicator'],
  ])('%s is refused', (name, text, message) => {
    const columns = name.includes('named') ? { columns: { value: 'Observable' } } : {};
    expect(() => read(text, { file: 'x.csv', ...columns })).toThrow(message);
  });
});

describe('STIX bundles', () => {
  const stix = (...objects: JsonObject[]): IndicatorTable => read(stixBundle(...objects), { file: 'bundle.json' });

  it('tell what they say of each indicator', () => {
    const pattern = "[ipv4-addr:value = '203.0.113.7' OR domain-name:value = 'kit.fabrikam.example']";
    const table = stix(stixIndicator('01', pattern, { confidence: 90, valid_until: '2026-12-24T00:00:00Z' }));
    const expected = {
      id: 'contoso-intel/indicator--00000000-0000-4000-8000-000000000001',
      source: 'contoso-intel',
      description: 'Phishing kit of an invented group',
      confidence: 90,
      labels: ['malicious-activity'],
      validFrom: Date.UTC(2026, 10, 1, 8),
      validUntil: Date.UTC(2026, 11, 24),
    };
    expect(table.ofAddress('203.0.113.7')).toEqual([{ ...expected, kind: 'address', value: '203.0.113.7' }]);
    expect(table.ofDomain('a.kit.fabrikam.example')).toEqual([
      { ...expected, kind: 'domain', value: 'kit.fabrikam.example' },
    ]);
  });

  it('let what says no end expire after its last change', () => {
    const settings = { file: 'bundle.json', expires: '10d' };
    const pattern = "[ipv4-addr:value = '203.0.113.7']";
    const changed = stixIndicator('01', pattern, { modified: '2026-11-05T00:00:00Z' });
    const [indicator] = read(stixBundle(changed), settings).ofAddress('203.0.113.7');
    expect(indicator?.validUntil).toBe(Date.UTC(2026, 10, 15));
  });

  it('count what was changed last, in whatever order it comes', () => {
    const old = stixIndicator('01', "[ipv4-addr:value = '203.0.113.7']");
    const changed = stixIndicator('01', "[ipv4-addr:value = '203.0.113.8']", { modified: '2026-11-02T00:00:00Z' });
    const revoked = stixIndicator('01', "[ipv4-addr:value = '203.0.113.8']", {
      modified: '2026-11-03T00:00:00Z',
      revoked: true,
    });
    const other = stixIndicator('02', "[ipv4-addr:value = '198.51.100.1']");
    expect([...stix(old, changed, other).values()]).toEqual(['203.0.113.8', '198.51.100.1']);
    expect([...stix(changed, old, other).values()]).toEqual(['203.0.113.8', '198.51.100.1']);
    const gone = stix(revoked, changed, other, old);
    expect([[...gone.values()], refused(gone)]).toEqual([['198.51.100.1'], { revoked: 1 }]);
  });

  it('leave out what is benign, in another language, or says more than can be looked up', () => {
    const table = stix(
      stixIndicator('01', "[ipv4-addr:value = '203.0.113.7']", { indicator_types: ['benign'] }),
      stixIndicator('02', 'alert tcp any any', { pattern_type: 'snort' }),
      stixIndicator('03', "[file:hashes.MD5 = '00']"),
      stixIndicator('04', "[ipv4-addr:value = '198.51.100.1']"),
      { type: 'malware', id: 'malware--1' },
    );
    expect([table.size, refused(table)]).toEqual([1, { benign: 1, 'not understood': 2 }]);
  });

  it.each([
    ['no JSON', '{"objects":['],
    ['no bundle', '{"type":"bundle"}'],
    ['deep beyond measure', `{"objects":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['objects of the wrong kind', '{"objects":[null,1,"x",[],{"type":"indicator"},{"type":"indicator","id":7}]}'],
  ])('that are %s are refused', (_, text) => {
    expect(() => read(text, { file: 'bundle.json' })).toThrow(FeedError);
  });
});
