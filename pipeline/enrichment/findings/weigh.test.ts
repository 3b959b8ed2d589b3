import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Asset, Exposure } from '../../timeline/asset.ts';
import { PRIORITIES, type Finding, type VulnerabilityContext } from '../../timeline/finding.ts';
import { LEVELS } from '../../timeline/signal.ts';
import { assetOf, epss, finding, kev, NOW, WEB } from './finding-samples.ts';
import { byRank, weigh, type FindingContext } from './weigh.ts';

type Feeds = Omit<VulnerabilityContext, 'cve'>;

const context = (feeds: Feeds = {}, more: Partial<FindingContext> = {}): FindingContext => ({
  vulnerabilities: (cve) => ({ cve, ...feeds }),
  now: NOW,
  ...more,
});
const reach = (exposure: Exposure, by?: string) => ({ exposure: { exposure, by } });

describe('weigh', () => {
  it.each<[string, Partial<Finding>, Feeds, Partial<FindingContext>, string]>([
    ['listed and public', { severity: 'informational' }, { kev: kev() }, reach('internet'), 'act'],
    ['listed, high, and nobody knows', {}, { kev: kev() }, {}, 'act'],
    ['listed, medium, and nobody knows', { severity: 'medium' }, { kev: kev() }, {}, 'attend'],
    ['listed and internal', { severity: 'informational' }, { kev: kev() }, reach('internal'), 'attend'],
    [
      'listed with ransomware, overdue, critical and internal',
      { severity: 'critical' },
      { kev: kev({ ransomware: true, dueDate: '2026-11-15' }) },
      reach('internal'),
      'act',
    ],
    ['likely, critical and public', { severity: 'critical' }, { epss: epss(0.5) }, reach('internet'), 'act'],
    ['likely, high and public', {}, { epss: epss(0.93) }, reach('internet'), 'attend'],
    ['possible, medium and public', { severity: 'medium' }, { epss: epss(0.1) }, reach('internet'), 'attend'],
    ['unlikely, medium and public', { severity: 'medium' }, { epss: epss(0.09) }, reach('internet'), 'track'],
    ['critical and public', { severity: 'critical' }, {}, reach('internet'), 'attend'],
    ['critical and internal', { severity: 'critical' }, { epss: epss(0.01) }, reach('internal'), 'track'],
    [
      'critical in what matters most, internal',
      { severity: 'critical' },
      {},
      {
        ...reach('internal'),
        asset: assetOf(WEB, { importance: 1, dataClass: 'restricted', environment: 'production' }),
      },
      'attend',
    ],
    ['listed and public, but fixed', { status: 'fixed' }, { kev: kev() }, reach('internet'), 'track'],
  ])('%s', (_name, more, feeds, around, priority) => {
    expect(weigh(finding(more), context(feeds, around)).priority).toBe(priority);
  });

  it('says why, the weightiest first', () => {
    const asset = assetOf(WEB, { importance: 0.9, dataClass: 'restricted', environment: 'production' });
    const listed = kev({ ransomware: true, dueDate: '2026-11-15' });
    const feeds = { kev: listed, epss: epss(0.623, 0.984) };
    const around = { asset, ...reach('internet', 'public address 203.0.113.4') };
    expect(weigh(finding({ cvss: 9.8, severity: 'critical' }), context(feeds, around))).toMatchObject({
      priority: 'act',
      rank: 45 + 5 + 3 + 25 + 20 + 9 + 6 + 4 + 0.0098,
      reasons: [
        'CVE-2026-11111 is known to be exploited (CISA KEV since 2026-11-01), by ransomware too; its due date 2026-11-15 is past',
        'reachable from the internet: public address 203.0.113.4',
        'severity critical, CVSS 9.8',
        'importance 0.90 of 1',
        'it holds restricted data',
        'it is in production',
        'exploitation of CVE-2026-11111 within 30 days is likely: EPSS 62 %, higher than 98 % of all (model v2026.03.14)',
      ],
      exposure: 'internet',
      missing: [],
    });
  });

  it('says what was not known', () => {
    const asked = context({}, { missing: ['EPSS scores'] });
    expect(weigh(finding(), asked)).toMatchObject({
      exposure: 'unknown',
      reasons: ['severity high', 'not known whether it can be reached from the internet'],
      missing: ['EPSS scores', 'asset', 'exposure'],
    });
    // What is about no CVE needs no scores.
    expect(weigh(finding({ cves: [] }), asked).missing).toEqual(['asset', 'exposure']);
  });

  it.each([
    ['2026-11-20', 'past', 3],
    ['2026-11-21', '; due 2026-11-21', 2],
    ['2026-12-05', '; due 2026-12-05', 2],
    ['2026-12-06', '; due 2026-12-06', 0],
    ['', 'since 2026-11-01)', 0],
    ['soon', 'since 2026-11-01)', 0],
  ])('counts the due date %j', (dueDate, said, points) => {
    const { reasons, rank } = weigh(
      finding({ severity: 'informational' }),
      context({ kev: kev({ dueDate }) }, reach('internal')),
    );
    expect(reasons[0]).toContain(said);
    expect(rank).toBe(45 + points);
  });

  it('counts the heaviest of several vulnerabilities and says how many more there are', () => {
    const known: Record<string, Feeds> = {
      'CVE-2026-1111': { epss: epss(0.2) },
      'CVE-2026-2222': { epss: epss(0.7) },
      'CVE-2026-3333': {},
    };
    const vulnerabilities = (cve: string) => ({ cve, ...known[cve] });
    const { reasons, rank } = weigh(finding({ cves: Object.keys(known), severity: 'informational' }), {
      ...context({}, reach('internal')),
      vulnerabilities,
    });
    expect(reasons[0]).toMatch(/^exploitation of CVE-2026-2222 .*; and 1 more of its CVEs$/);
    expect(rank).toBe(25);
  });

  it.each([
    [{ exposure: 'internet' }, reach('internal'), 'internet', 'reachable from the internet: as defender says'],
    [{ exposure: 'internal' }, {}, 'internal', 'not reachable from the internet'],
    [
      { exposure: 'internal' },
      reach('internet', 'it was made public'),
      'internet',
      'reachable from the internet: it was made public',
    ],
    [{}, { asset: assetOf(WEB, { exposure: 'internal' }) }, 'internal', 'not reachable from the internet'],
  ] as const)('holds what the scanner says (%j) beside what others know (%j)', (more, around, exposure, reason) => {
    const weighed = weigh(finding(more), context({}, around));
    expect(weighed.exposure).toBe(exposure);
    expect(weighed.reasons).toContain(reason);
  });

  it('never lets scores of two models decide within a band', () => {
    const one = weigh(finding(), context({ epss: epss(0.31, 0.96, 'v2025.03.14') }));
    const other = weigh(finding(), context({ epss: epss(0.38, 0.95, 'v2026.03.14') }));
    expect(one.rank).toBe(other.rank);
  });
});

const arbitraryFinding = fc.record({
  severity: fc.constantFrom(...LEVELS),
  cvss: fc.option(
    fc.integer({ min: 0, max: 100 }).map((tenths) => tenths / 10),
    { nil: undefined },
  ),
});
const arbitraryAsset = fc.record({
  importance: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  dataClass: fc.constantFrom('public', 'internal', 'confidential', 'restricted', undefined),
  environment: fc.constantFrom('production', 'test', undefined),
});
const arbitraryEpss = fc.option(
  fc.double({ min: 0, max: 1, noNaN: true }).map((p) => epss(p)),
  { nil: undefined },
);
const arbitraryKev = fc.record({
  ransomware: fc.boolean(),
  dueDate: fc.constantFrom('', '2026-01-01', '2026-11-30', '2030-01-01'),
});
const exposures = fc.constantFrom<Exposure>('internet', 'internal', 'unknown');

describe('ranks', () => {
  const rankOf = (more: Partial<Finding>, feeds: Feeds, asset: Partial<Asset>, exposure: Exposure): number =>
    weigh(finding(more), context(feeds, { asset: assetOf(WEB, asset), exposure: { exposure } })).rank;

  it('never fall with what makes it more urgent', () => {
    fc.assert(
      fc.property(
        arbitraryFinding,
        arbitraryEpss,
        arbitraryAsset,
        exposures,
        arbitraryKev,
        (more, score, asset, exposure, listed) => {
          const rank = rankOf(more, { epss: score }, asset, exposure);
          const listedRank = rankOf(more, { epss: score, kev: kev(listed) }, asset, exposure);
          expect(listedRank).toBeGreaterThan(rank);
          expect(
            rankOf(more, { epss: score, kev: kev({ ...listed, ransomware: true }) }, asset, exposure),
          ).toBeGreaterThanOrEqual(listedRank);
          expect(rankOf(more, { epss: score }, asset, 'internet')).toBeGreaterThanOrEqual(rank);
          expect(rankOf(more, { epss: score }, { ...asset, importance: 1 }, exposure)).toBeGreaterThanOrEqual(rank);
          expect(rankOf(more, { epss: score }, { ...asset, dataClass: 'restricted' }, exposure)).toBeGreaterThanOrEqual(
            rank,
          );
          expect(rankOf({ ...more, severity: 'critical' }, { epss: score }, asset, exposure)).toBeGreaterThanOrEqual(
            rank,
          );
          expect(rankOf(more, { epss: epss(1) }, asset, exposure)).toBeGreaterThanOrEqual(rank);
        },
      ),
    );
  });

  it('put what is listed and public before all that is neither, whatever else it is', () => {
    fc.assert(
      fc.property(
        arbitraryFinding,
        arbitraryFinding,
        arbitraryEpss,
        arbitraryAsset,
        arbitraryAsset,
        arbitraryKev,
        (mine, other, score, here, there, listed) => {
          const exploited = weigh(
            finding(mine),
            context({ kev: kev(listed) }, { asset: assetOf(WEB, here), ...reach('internet') }),
          );
          const internal = weigh(
            finding(other),
            context({ epss: score }, { asset: assetOf(WEB, there), ...reach('internal') }),
          );
          expect(exploited.priority).toBe('act');
          expect(internal.priority).not.toBe('act');
          expect(exploited.rank).toBeGreaterThan(internal.rank);
        },
      ),
    );
  });

  it('agree with priorities, and order any two', () => {
    const any = fc.tuple(
      arbitraryFinding,
      arbitraryEpss,
      arbitraryAsset,
      exposures,
      fc.option(arbitraryKev),
      fc.constantFrom<Finding['status']>('open', 'fixed', 'suppressed'),
      fc.uuid(),
    );
    fc.assert(
      fc.property(fc.array(any, { minLength: 2, maxLength: 10 }), (all) => {
        const weighed = all
          .map(([more, score, asset, exposure, listed, status, id]) =>
            weigh(
              finding({ ...more, status, id }),
              context(
                { epss: score, ...(listed && { kev: kev(listed) }) },
                { asset: assetOf(WEB, asset), exposure: { exposure } },
              ),
            ),
          )
          .sort(byRank);
        const places = weighed.map(({ priority }) => PRIORITIES.indexOf(priority));
        expect(places).toEqual(places.toSorted((one, other) => one - other));
        const open = weighed.map(({ finding: { status } }) => status === 'open');
        expect(open.lastIndexOf(true)).toBeLessThan(open.includes(false) ? open.indexOf(false) : Infinity);
      }),
    );
  });
});
