import { expect, it } from 'vitest';
import { CorrelationEngine } from '../../pipeline/correlation/engine.ts';
import { observationOf } from '../../pipeline/correlation/observe.ts';
import { builtinRules } from '../../pipeline/detection/builtin.ts';
import { loadRules } from '../../pipeline/detection/loading/load.ts';
import { readBody } from '../../pipeline/read-body.ts';
import { demoStory } from './story.ts';
import { VICTIM } from './tenant.ts';

it('is a morning with one incident, which goes through all clouds', async () => {
  const rules = await loadRules([builtinRules()]);
  const engine = new CorrelationEngine({ rules });
  const records = demoStory(Date.UTC(2026, 10, 20, 12)).map(({ record }) => record);
  const { accepted, rejected } = readBody(new TextEncoder().encode(JSON.stringify(records)), rules);
  expect(rejected).toEqual([]);
  for (const { event } of accepted) engine.take(observationOf(event));
  const { incidents } = engine.settle();
  expect(incidents.map(({ severity, clouds }) => ({ severity, clouds }))).toEqual([
    { severity: 'critical', clouds: ['Microsoft Entra', 'Azure', 'Kubernetes', 'AWS'] },
  ]);
  expect(incidents[0]?.principals.map(({ label }) => label)).toContain(VICTIM.upn);
});
