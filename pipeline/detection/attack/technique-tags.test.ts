import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOUD_TECHNIQUES } from '../../timeline/attack/cloud-techniques.ts';
import { ENTERPRISE_IDS } from './enterprise-ids.ts';
import { SUPERSEDED_IDS } from './superseded-ids.ts';
import { TACTICS } from '../../timeline/attack/tactics.ts';
import { techniqueProblems, techniquesOf } from './technique-tags.ts';

describe('the data of ATT&CK v19', () => {
  it('has as many tactics, techniques and sub-techniques as its release notes state', () => {
    const subTechniques = [...ENTERPRISE_IDS].filter((id) => id.includes('.'));
    expect(TACTICS).toHaveLength(15);
    expect(subTechniques).toHaveLength(475);
    expect(ENTERPRISE_IDS.size - subTechniques.length).toBe(222);
  });

  it('has every cloud technique once, in order, under an id of v19', () => {
    const ids = CLOUD_TECHNIQUES.map(({ id }) => id);
    expect(ids.filter((id) => !ENTERPRISE_IDS.has(id))).toEqual([]);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it('names the tactics of a cloud technique in the order of the matrix, each once', () => {
    const matrix = TACTICS.map(({ shortName }) => shortName);
    for (const { id, tactics } of CLOUD_TECHNIQUES) {
      expect(tactics, id).toEqual(matrix.filter((name) => tactics.includes(name)));
      expect(tactics.length, id).toBeGreaterThan(0);
    }
  });

  it('gives each sub-technique of the cloud the tactics of its technique', () => {
    const byId = new Map(CLOUD_TECHNIQUES.map((technique) => [technique.id, technique]));
    for (const { id, tactics } of CLOUD_TECHNIQUES) {
      expect(byId.get(id.slice(0, 5))?.tactics ?? tactics, id).toEqual(tactics);
    }
  });

  it('has no id both current and revoked', () => {
    for (const [revoked, current] of SUPERSEDED_IDS) {
      expect([ENTERPRISE_IDS.has(revoked), ENTERPRISE_IDS.has(current)], revoked).toEqual([false, true]);
    }
  });
});

describe('techniquesOf', () => {
  it('gives v19 ids for tags of v18 and of v19, each once', () => {
    const tags = ['attack.persistence', 'attack.t1562.008', 'attack.T1685.002', 'attack.t1562.001', 'attack.t1098'];
    expect(techniquesOf(tags)).toEqual(['T1685.002', 'T1685', 'T1098']);
  });

  it('keeps ids that ATT&CK does not know, and leaves out what is no technique', () => {
    const tags = ['attack.t9999', 'attack.t1098.1', 'attack.ta0005', 'attack.g0007', 'cve.2026-0001', 't1098'];
    expect(techniquesOf(tags)).toEqual(['T9999']);
  });
});

describe('techniqueProblems', () => {
  it('says nothing of tags that v19 has, in any case, nor of those that are not of ATT&CK', () => {
    const tags = ['attack.Stealth', 'attack.initial_access', 'attack.t1685.002', 'attack.T1573', 'attack.s0154'];
    expect(techniqueProblems([...tags, 'cve.2026-0001', 'detection.threat-hunting', ''])).toEqual([]);
  });

  it.each([
    ['attack.t1562.008', 'write attack.t1685.002'],
    ['attack.t9999', 'no technique T9999'],
    ['attack.t1098.099', 'no technique T1098.099'],
    ['attack.defense-evasion', 'attack.stealth or attack.defense-impairment'],
    ['attack.credentials', 'not a tactic or technique'],
    ['attack.t1098.1', 'not a tactic or technique'],
  ])('names %s and what to write', (tag, message) => {
    const problems = techniqueProblems(['attack.stealth', tag]);
    expect(problems).toMatchObject([{ tag, at: 1 }]);
    expect(problems[0]?.message).toContain(message);
  });

  it('finds a problem where techniquesOf changes an id or ATT&CK does not know it, and nowhere else', () => {
    const id = fc.tuple(fc.integer({ min: 1000, max: 1700 }), fc.option(fc.integer({ min: 1, max: 20 }), { freq: 1 }));
    fc.assert(
      fc.property(id, ([technique, sub]) => {
        const written = sub === null ? `T${technique}` : `T${technique}.${String(sub).padStart(3, '0')}`;
        const tags = [`attack.${written.toLowerCase()}`];
        expect(techniqueProblems(tags).length === 0).toBe(ENTERPRISE_IDS.has(written));
        expect(techniquesOf(tags)[0] === written).toBe(!SUPERSEDED_IDS.has(written));
      }),
      { numRuns: 2000 },
    );
  });
});
