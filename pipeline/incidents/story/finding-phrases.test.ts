import { expect, it } from 'vitest';
import { observed } from '../joining/joining-samples.ts';
import { findingPhrase } from './finding-phrases.ts';
import { inThePast } from './phrase.ts';
import { thingOf } from './thing.ts';

const machine = '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-1';
const alert = {
  SystemAlertId: '1',
  AlertDisplayName: 'Suspicious download” and more',
  TimeGenerated: '2026-11-20T09:20:00Z',
  Status: 'InProgress',
  AzureResourceId: machine,
};

it('tells of a finding what it is called, and of what, where that is not who it is about', () => {
  const about = observed(alert);
  const of = (observation: typeof about) => {
    const targets = observation.entities.filter(({ part }) => part === 'target');
    return inThePast(findingPhrase(observation, targets.map(thingOf)).does);
  };
  expect(of(about)).toBe("was reported by Defender for Cloud for “Suspicious download' and more”");
  const by = observed({ ...alert, Entities: [{ Type: 'account', Name: 'ann@contoso.example' }] });
  expect(of(by)).toBe(
    "was reported by Defender for Cloud for “Suspicious download' and more” on virtual machine web-1",
  );
});

it('is no failure where somebody has begun to look at it', () => {
  expect(observed(alert).action).toMatchObject({ outcome: 'unknown', operation: alert.AlertDisplayName });
});
