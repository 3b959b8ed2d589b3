import { describe, expect, it } from 'vitest';
import { compiled, PRINCIPAL, recordOf, ruleText } from '../testing/rule-samples.ts';
import { signalOf } from './signal-of.ts';

const DETECTION = { selection: { f: 'a' }, condition: 'selection' };
const signal = (more: Readonly<Record<string, unknown>>) =>
  signalOf(compiled(ruleText(DETECTION, more)), recordOf({ f: 'a' }));

describe('the signal of a rule', () => {
  it('carries what is to be done, and the techniques as ATT&CK v19 numbers them', () => {
    expect(signal({ level: 'high', tags: ['attack.t1562.008'], crosstrail: { decision: 'block' } })).toEqual({
      rule: { id: 'a-rule', title: 'A rule', level: 'high' },
      decision: 'block',
      techniques: ['T1685.002'],
      window: 3_600_000,
      group: { principal: PRINCIPAL },
    });
  });

  it('groups by the first values of a list', () => {
    const rule = compiled(ruleText(DETECTION, { crosstrail: { group: ['list'] } }));
    const list = Array.from({ length: 17 }, (_, at) => at);
    expect(signalOf(rule, recordOf({ list })).group).toEqual({ list: list.slice(0, 16).join(',') });
  });

  it('carries when what is only counted escalates', () => {
    const escalate = { count: 5, decision: 'warn' };
    expect(signal({ crosstrail: { decision: 'monitor', escalate } })).toMatchObject({ decision: 'monitor', escalate });
    expect(signal({ crosstrail: { decision: 'monitor' } })).not.toHaveProperty('escalate');
  });
});
