import { describe, expect, it } from 'vitest';
import { OCSF_VERSION } from '../../timeline/ocsf/types.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { detectionFinding } from './finding-event.ts';
import * as states from './finding-state.ts';

const { isOpen, severityIdOf } = states;
const all = Object.entries(states).flatMap(([name, value]) =>
  typeof value === 'object' ? [{ name, state: value }] : [],
);

describe('the states of findings', () => {
  it.each(all)('$name is one of OCSF', ({ state }) => {
    const finding = detectionFinding(
      {
        state,
        severity: 3,
        time: 0,
        metadata: { version: OCSF_VERSION, product: { name: 'Scanner' }, profiles: ['cloud'] },
        cloud: { provider: 'Azure' },
        finding_info: { uid: '1' },
        resources: undefined,
        unmapped: undefined,
      },
      undefined,
    );
    expect(violations(finding)).toEqual([]);
    expect(finding.is_alert).toBe(isOpen(state));
  });

  it('are all there, and closed where nothing is left to do', () => {
    expect(
      all
        .filter(({ state }) => isOpen(state))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['IN_PROGRESS', 'NEW', 'STILL_NEW']);
    expect(all).toHaveLength(7);
  });
});

it('severityIdOf takes the first value that names a severity', () => {
  expect(severityIdOf(undefined, 'UNTRIAGED', 'High', 'low')).toBe(4);
  expect([severityIdOf('CRITICAL'), severityIdOf('constructor'), severityIdOf(5, null, {})]).toEqual([5, 0, 0]);
});
