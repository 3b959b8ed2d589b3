import { expect, it } from 'vitest';
import type { Observation } from '../timeline/observation.ts';
import { incidentOf } from './incident-of.ts';
import { alertOf, groupOf, MINUTE, namesOf, observation, signIn, START } from './story-samples.ts';
import type { Level } from '../timeline/signal.ts';

const aws = (operation: string, minutes: number): Observation =>
  observation('cloudtrail', operation, { time: START + minutes * MINUTE, action: { account: '111122223333' } });

/** The title of steps, each an alert of its own level, without the name that it begins with. */
function title(steps: readonly (readonly [Observation, Level])[], context: readonly Observation[] = []): string {
  const alerts = steps.map(([event, severity], at) =>
    alertOf([event], { rule: `r${at}`, title: `Rule ${at}`, severity }),
  );
  const written = incidentOf(groupOf(alerts, { context }), namesOf())?.title ?? '';
  return written.replace('ann@contoso.example: ', '');
}

const enter = signIn(START);
const stop = aws('StopLogging', 10);
const share = aws('ModifySnapshotAttribute', 20);

it('says how it began and what it led to', () => {
  expect(
    title([
      [enter, 'high'],
      [stop, 'high'],
      [share, 'high'],
    ]),
  ).toBe('from a sign-in in Entra to snapshots shared in AWS');
  expect(
    title([
      [stop, 'high'],
      [share, 'high'],
    ]),
  ).toBe('from CloudTrail logging stopped to snapshots shared in AWS');
  expect(title([[share, 'high']])).toBe('snapshots shared in AWS');
  expect(
    title([
      [aws('GetCallerIdentity', 5), 'high'],
      [share, 'high'],
    ]),
  ).toBe('from a credential tried out to snapshots shared in AWS');
});

it('begins with the sign-in before the first alert', () => {
  expect(title([[share, 'high']], [enter])).toBe('from a sign-in in Entra to snapshots shared in AWS');
  expect(title([[share, 'high']], [signIn(START, { outcome: 'failure' })])).toBe('snapshots shared in AWS');
});

it('does not end with what is far less grave, nor with one more sign-in', () => {
  expect(
    title([
      [stop, 'critical'],
      [share, 'medium'],
    ]),
  ).toBe('CloudTrail logging stopped in AWS');
  expect(
    title([
      [stop, 'high'],
      [share, 'medium'],
    ]),
  ).toBe('from CloudTrail logging stopped to snapshots shared in AWS');
  expect(
    title([
      [stop, 'high'],
      [signIn(START + 30 * MINUTE), 'high'],
    ]),
  ).toBe('CloudTrail logging stopped in AWS');
});

it('names the rule where an operation has no words of its own', () => {
  expect(title([[aws('ModifyVpcAttribute', 0), 'high']])).toBe('“Rule 0” in AWS');
});
