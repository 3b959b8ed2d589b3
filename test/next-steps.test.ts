import { expect, it } from 'vitest';
import { ACTIONS_OF_STEPS, nextSteps } from '../pipeline/sentinel/next-steps.ts';
import { ACTIONS } from '../playbooks/registry.ts';

it('suggests only what responses can do', () => {
  expect(ACTIONS_OF_STEPS.filter((name) => !ACTIONS.has(name))).toEqual([]);
});

it('says how to plan it', () => {
  const [step] = nextSteps({ techniques: ['T1078.004'], aws: false, exploited: false, indicators: false });
  expect(step?.description).toContain('In Crosstrail: crosstrail playbooks plan entra-revoke-sessions | ');
});
