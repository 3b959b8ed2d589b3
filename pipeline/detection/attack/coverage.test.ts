import { describe, expect, it } from 'vitest';
import { CLOUD_TECHNIQUES } from '../../timeline/attack/cloud-techniques.ts';
import { coverageOf, type CoverageRule, type CoverageSource } from './coverage.ts';

const AWS = { product: 'aws', service: 'cloudtrail' };
const SIGN_INS = { product: 'azure', service: 'signinlogs' };
const AUDITS = { product: 'azure', service: 'auditlogs' };

const rule = (id: string, techniques: readonly string[], from: Partial<CoverageRule> = { logsource: AWS }) => ({
  id,
  title: `The rule ${id}`,
  level: 'high' as const,
  techniques,
  ...from,
});

const SOURCES: readonly CoverageSource[] = [
  { logsources: [AWS], connected: true },
  { logsources: [AUDITS, SIGN_INS], connected: false },
];

const techniqueIn = (rules: readonly CoverageRule[], id: string) =>
  coverageOf(rules, SOURCES).techniques.find((technique) => technique.id === id);

describe('coverageOf', () => {
  it('tells of each technique whether it has a rule that gets records, only others, or none', () => {
    const rules = [
      rule('1', ['T1537'], { logsource: SIGN_INS }),
      rule('2', ['T1537']),
      rule('3', ['T1528'], { logsource: SIGN_INS }),
      rule('4', ['T1530'], { logsource: { product: 'gcp' } }),
    ];
    expect(techniqueIn(rules, 'T1537')).toEqual({
      id: 'T1537',
      name: 'Transfer Data to Cloud Account',
      tactics: ['exfiltration'],
      status: 'connected',
      rules: [
        { id: '1', title: 'The rule 1', level: 'high', source: 'not-connected' },
        { id: '2', title: 'The rule 2', level: 'high', source: 'connected' },
      ],
    });
    expect(techniqueIn(rules, 'T1528')).toMatchObject({
      status: 'not-connected',
      rules: [{ source: 'not-connected' }],
    });
    expect(techniqueIn(rules, 'T1530')).toMatchObject({ status: 'not-connected', rules: [{ source: 'no-source' }] });
    expect(techniqueIn(rules, 'T1531')).toMatchObject({ status: 'no-rule', rules: [] });
  });

  it('counts the cloud matrix as a whole and by tactic, and the rules by their source', () => {
    const rules = [
      rule('1', ['T1078.004', 'T1537']),
      rule('2', ['T1528'], { logsource: SIGN_INS }),
      rule('3', ['T1005'], { logsource: { product: 'gcp' } }),
      rule('4', []),
    ];
    const { counts, tactics, rules: bySource, withoutTechnique } = coverageOf(rules, SOURCES);
    const total = CLOUD_TECHNIQUES.length;
    expect(counts).toEqual({ connected: 3, 'not-connected': 1, 'no-rule': total - 4 });
    const ofTactic = (name: string) => tactics.find(({ tactic }) => tactic.shortName === name)?.counts;
    const inMatrix = (name: string) =>
      CLOUD_TECHNIQUES.filter((t) => t.tactics.some((tactic) => tactic === name)).length;
    expect(ofTactic('exfiltration')).toEqual({
      connected: 1,
      'not-connected': 0,
      'no-rule': inMatrix('exfiltration') - 1,
    });
    // Valid Accounts and its sub-technique are of four tactics, and count in each.
    for (const name of ['initial-access', 'persistence', 'privilege-escalation', 'stealth']) {
      expect(ofTactic(name), name).toMatchObject({ connected: 2, 'no-rule': inMatrix(name) - 2 });
    }
    expect(ofTactic('credential-access')).toMatchObject({ connected: 0, 'not-connected': 1 });
    // Nothing is seen of these on the platforms of the cloud.
    expect(ofTactic('reconnaissance')).toBeUndefined();
    expect(bySource).toEqual({ connected: 2, 'not-connected': 1, 'no-source': 1 });
    expect(withoutTechnique).toBe(1);
  });

  it('takes a rule for a sub-technique for one of its technique, once, and not the other way round', () => {
    const rules = [rule('1', ['T1098.001', 'T1098.003', 'T1098']), rule('2', ['T1110'])];
    expect(techniqueIn(rules, 'T1098')).toMatchObject({ status: 'connected', rules: [{ id: '1' }] });
    expect(techniqueIn(rules, 'T1098.002')?.status).toBe('no-rule');
    expect(techniqueIn(rules, 'T1110.003')?.status).toBe('no-rule');
  });

  it('keeps what is not of the cloud matrix, or not of ATT&CK, apart from its counts', () => {
    const none = coverageOf([], SOURCES);
    const some = coverageOf([rule('1', ['T1005', 'T1686.003', 'T9999'])], SOURCES);
    expect(some.counts).toEqual(none.counts);
    const others = some.techniques.filter(({ name }) => name === undefined);
    expect(others.map(({ id, status, tactics }) => [id, status, tactics])).toEqual([
      ['T1005', 'connected', []],
      ['T1686.003', 'connected', []],
      ['T9999', 'connected', []],
    ]);
  });

  it('names each technique once, in the order of ids', () => {
    const ids = coverageOf([rule('1', ['T1005', 'T1537', 'T1098.001'])], SOURCES).techniques.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it('takes a rule that names a product alone for every service of it', () => {
    const of = (sources: readonly CoverageSource[]) =>
      coverageOf([rule('1', ['T1528'], { logsource: { product: 'azure' } })], sources).rules;
    const activity: CoverageSource = { logsources: [{ product: 'azure', service: 'activitylogs' }], connected: true };
    expect(of(SOURCES)).toMatchObject({ 'not-connected': 1 });
    expect(of([...SOURCES, activity])).toMatchObject({ connected: 1 });
  });
});

describe('a rule over the matches of others', () => {
  const sourceOf = (...rules: readonly CoverageRule[]) =>
    techniqueIn([...rules, rule('aws', []), rule('azure', [], { logsource: SIGN_INS })], 'T1110')?.rules[0]?.source;
  const over = (...named: readonly string[]) => rule('over', ['T1110'], { rules: named });

  it.each([
    [['aws'], 'connected'],
    [['aws', 'azure'], 'not-connected'],
    [['aws', 'nowhere'], 'no-source'],
    [[], 'no-source'],
    [['over'], 'no-source'],
  ] as const)('gets records where each of %j does: %s', (named, source) => {
    expect(sourceOf(over(...named))).toBe(source);
  });

  it('sees through rules of its own kind, in whatever order they stand, to any depth', () => {
    const chain = Array.from({ length: 20_000 }, (_, at) =>
      rule(`c${at}`, [], { rules: [`c${at + 1}`, `c${at + 1}`] }),
    );
    const end = rule('c20000', [], { rules: ['azure'] });
    expect(sourceOf(over('c0'), ...chain, end)).toBe('not-connected');
    expect(sourceOf(end, ...chain.toReversed(), over('c0', 'aws'))).toBe('not-connected');
  });

  it('gets none where it names itself in the end', () => {
    expect(sourceOf(over('a'), rule('a', [], { rules: ['b', 'aws'] }), rule('b', [], { rules: ['a'] }))).toBe(
      'no-source',
    );
  });
});
