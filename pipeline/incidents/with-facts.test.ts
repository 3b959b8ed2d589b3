import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../timeline/incident.ts';
import { sampleAsset, sampleFacts, sampleFinding, sampleHit, samplePath, sampleWeighed } from './facts-samples.ts';
import { sampleIncident } from './incident-samples.ts';
import { incidentCells, incidentOfCells } from './incident-body.ts';
import { scored } from './score.ts';
import { withFacts } from './with-facts.ts';

/** An incident of one high alert that warns. */
const warned = (grounds: Partial<Incident['grounds']> = {}): Incident => {
  const reasons = [{ what: 'one rule fired: 1 high', points: 30 }];
  const base = scored(reasons, { points: 30, critical: false, counted: false, ...grounds });
  return sampleIncident({ ...base, decision: 'warn' });
};

const exploited = sampleFacts({ assets: [sampleAsset()], findings: [sampleWeighed()] });

describe('an incident with what is known', () => {
  it('on an asset that is exploited and public says so first, scores higher, and is to be contained where it is grave', () => {
    const incident = withFacts(warned(), exploited);
    expect(incident.context?.headline).toBe(
      'web-1 (production, owned by payments) can be reached from the internet by public address 203.0.113.4 and has CVE-2026-11111, which CISA knows to be exploited (to be mended by 2026-10-22)',
    );
    expect(incident.reasons).toEqual([
      { what: 'one rule fired: 1 high', points: 30 },
      {
        what: 'web-1 (production, owned by payments), reachable from the internet, has CVE-2026-11111, which CISA knows to be exploited (to be mended by 2026-10-22)',
        points: 15,
      },
      { what: 'web-1 can be reached from the internet by public address 203.0.113.4', points: 3 },
    ]);
    expect(incident).toMatchObject({ score: 48, severity: 'medium', decision: 'warn' });

    const grave = withFacts(
      sampleIncident({ ...warned(), reasons: [{ what: 'three rules fired', points: 50 }] }),
      exploited,
    );
    expect(grave).toMatchObject({ severity: 'high', decision: 'block' });
    expect(grave.context?.decidedBy).toMatch(/^it is to be contained, though its rules only warn, because web-1/);
  });

  it('where the same weakness cannot be reached counts it for less, and has no headline', () => {
    const internal = sampleWeighed({ exposure: 'internal', priority: 'attend' });
    const incident = withFacts(
      warned(),
      sampleFacts({ assets: [sampleAsset({ exposure: 'internal' })], findings: [internal] }),
    );
    expect(incident.score).toBe(34);
    expect(incident.context).not.toHaveProperty('headline');
    const fixed = sampleWeighed({ finding: sampleFinding({ status: 'fixed' }), priority: 'track' });
    expect(withFacts(warned(), sampleFacts({ findings: [fixed] })).score).toBe(30);
  });

  it('counts what is exploited and public before what ranks higher for other reasons, and says which is used for ransom', () => {
    const grave = sampleWeighed({ rank: 99, vulnerabilities: [{ cve: 'CVE-2026-22222' }] });
    const kev = { name: 'Invented', dateAdded: '2026-10-01', dueDate: '', ransomware: false };
    const ransom = sampleWeighed({
      vulnerabilities: [
        { cve: 'CVE-2026-11111', kev },
        { cve: 'CVE-2026-33333', kev: { ...kev, ransomware: true } },
      ],
    });
    const incident = withFacts(warned(), sampleFacts({ findings: [grave, ransom] }));
    expect(incident.score).toBe(30 + 15 + 3);
    expect(incident.context?.headline).toContain(
      'CVE-2026-33333, which CISA knows to be exploited, also by ransomware',
    );
  });

  it('names the indicator that was met, until when, and by whom', () => {
    const incident = withFacts(
      warned(),
      sampleFacts({ hits: [sampleHit(), sampleHit({ id: 'other/2', confidence: 30 })] }),
    );
    const text = '203.0.113.9 is an indicator of contoso-intel until 2026-12-01';
    expect(incident.reasons.at(-1)).toEqual({ what: `${text}, and 1 more such`, points: 10 });
    expect(incident.context?.headline).toBe(text);
    const unsure = withFacts(warned(), sampleFacts({ hits: [sampleHit({ confidence: 30 })] }));
    expect(unsure.score).toBe(32);
    expect(unsure.context).not.toHaveProperty('headline');
  });

  it('counts importance, data and the attack path that it was seen on', () => {
    const asset = sampleAsset({ exposure: 'internal', importance: 0.5, dataClass: 'restricted' });
    const incident = withFacts(warned(), sampleFacts({ assets: [asset], paths: [samplePath()] }));
    expect(incident.reasons.slice(1)).toEqual([
      { what: 'an important asset: web-1 (production, owned by payments)', points: 5 },
      { what: 'web-1 holds restricted data', points: 4 },
      { what: 'it is on an attack path: internet → web-1 → web-identity → orders and 2 more', points: 6 },
    ]);
    expect(withFacts(warned(), sampleFacts({ paths: [samplePath({ seen: false })] })).score).toBe(30);
  });

  it('tells somebody of what is only counted, but makes no high of it, and little of trifles', () => {
    const counted = withFacts({ ...warned({ counted: true }), decision: 'monitor' }, exploited);
    expect(counted).toMatchObject({ decision: 'warn' });
    expect(counted.context?.decidedBy).toMatch(/^somebody is to be told, though its rules only count/);
    const many = sampleIncident({ ...warned({ counted: true }), reasons: [{ what: 'rules', points: 58 }] });
    expect(withFacts(many, exploited)).toMatchObject({ score: 59, severity: 'medium' });
    expect(withFacts(warned({ points: 4 }), exploited).score).toBe(30);
  });

  it('says nothing of what is not known, and is the same incident', () => {
    const incident = warned();
    expect(withFacts(incident, sampleFacts())).toEqual({ ...incident, context: sampleFacts() });
  });

  it('is kept whole', () => {
    const facts = sampleFacts({ ...exploited, hits: [sampleHit()], paths: [samplePath()], missing: ['EPSS scores'] });
    const incident = withFacts(warned(), facts);
    expect(incidentOfCells(incidentCells(incident))).toEqual(incident);
  });

  it('has a score from 0 to 100 that is the sum of its reasons, and more facts never lower it', () => {
    const facts = fc.record({
      assets: fc.subarray([sampleAsset(), sampleAsset({ key: 'arm:/db', importance: 1, dataClass: 'restricted' })]),
      findings: fc.shuffledSubarray([
        sampleWeighed(),
        sampleWeighed({ priority: 'act', vulnerabilities: [] }),
        sampleWeighed({ priority: 'attend', exposure: 'unknown' }),
      ]),
      hits: fc.subarray([sampleHit(), sampleHit({ id: 'other/2', confidence: 10 })]),
      paths: fc.subarray([samplePath(), samplePath({ blastRadius: 100 })]),
      missing: fc.constant([]),
    });
    const grounds = fc.record({
      points: fc.nat({ max: 60 }),
      critical: fc.boolean(),
      counted: fc.boolean(),
    });
    fc.assert(
      fc.property(facts, grounds, (some, ground) => {
        const incident = { ...warned(), ...scored([{ what: 'rules', points: ground.points }], ground) };
        const { score, reasons } = withFacts(incident, some);
        expect(score).toBe(reasons.reduce((sum, { points }) => sum + points, 0));
        const fewer = {
          ...some,
          findings: some.findings.slice(1),
          hits: some.hits.slice(1),
          assets: some.assets.slice(1),
        };
        expect(score).toBeGreaterThanOrEqual(withFacts(incident, fewer).score);
        expect(score).toBeLessThanOrEqual(100);
        if (ground.counted && !ground.critical) expect(score).toBeLessThan(60);
      }),
    );
  });
});

it('no text of others breaks a line or runs on', () => {
  const hostile = `x\n\u001b[31m${'A'.repeat(5000)}`;
  const incident = withFacts(
    warned(),
    sampleFacts({
      assets: [sampleAsset({ name: hostile, owner: hostile, exposedBy: hostile, environment: hostile, importance: 1 })],
      findings: [sampleWeighed({ reasons: [hostile, hostile], exposure: 'unknown' })],
      hits: [sampleHit({ source: hostile, description: hostile })],
    }),
  );
  for (const text of [incident.context?.headline ?? '', ...incident.reasons.map(({ what }) => what)]) {
    expect(text).not.toMatch(/[\n\u001b]/);
    expect(text.length).toBeLessThan(1000);
  }
});
