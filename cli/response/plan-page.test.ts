import { expect, it } from 'vitest';
import { Blocklist, sampleAction } from '../../test/response/sample-action.ts';
import { actionContext } from '../../test/response/action-context.ts';
import { ManualClock } from '../../platform/clock.ts';
import { UnusableInputError } from '../scan/files.ts';
import { planAction, refusalOf, type PlanRequest } from './plan-action.ts';
import { planLine } from './plan-line.ts';
import { permissionLines, planPage, residualText } from './plan-page.ts';
import { spanText } from './span-text.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 30);
const list = new Blocklist();
const request = (parameters: PlanRequest['parameters'], configuration = ''): PlanRequest => ({
  action: sampleAction(list),
  parameters,
  incident: undefined,
  connections: actionContext({ configuration }).connections,
  ownEgress: ['203.0.113.0/24'],
  recent: { made: [], failed: [] },
  clock: new ManualClock(NOW),
});

it('shows the change, whom it affects, how it ends, what remains and what is needed, and changes nothing', async () => {
  const planned = await planAction(request({ list: 'web', address: '198.51.100.23' }));
  const page = planPage(planned);
  expect(page).toContain('Block an address in a list  (sample-block)\nlist web  list/web\n');
  expect(page).toContain(
    'what changes\n  Block 198.51.100.23/32 in web\n    + "198.51.100.23/32"\n    undo: Remove 198.51.100.23/32 from web\n',
  );
  expect(page).toContain('whom it affects\n  Nobody else\n');
  expect(page).toContain(
    'how it ends\n  after 4h, at 16:00 UTC, by itself unless extended; it can be taken back whole\n',
  );
  expect(page).toContain(
    'what an attacker may still hold\n  until 13:00 UTC: connections that exist\n  without end: what was copied\n',
  );
  expect(page).toMatch(
    /permissions needed\n {2}Azure: Microsoft\.Network\/.*\n.*\n {2}note: Also allows to open ports\.$/,
  );
  expect(list.writes).toEqual([]);
  expect(refusalOf(planned)).toBeUndefined();
});

it('gives all of it to machines', async () => {
  const planned = await planAction(request({ list: 'web', address: '198.51.100.23' }));
  expect(JSON.parse(JSON.stringify(planLine(planned)))).toMatchObject({
    type: 'plan',
    action: 'sample-block',
    parameters: { address: '198.51.100.23/32', direction: 'both' },
    hash: planned.hash,
    plan: {
      changes: [{ id: 'entry', before: null, after: '198.51.100.23/32' }],
      residual: [{ until: '2026-11-21T13:00:30.000Z' }, { until: null }],
    },
    refused: false,
    lease: { lasts: 14_400_000, until: '2026-11-21T16:00:30.000Z' },
  });
});

it('says which guard refuses, and why', async () => {
  const planned = await planAction(request({ list: 'web', address: '203.0.113.9' }));
  expect(refusalOf(planned)?.guard).toBe('never-network');
  expect(planPage(planned)).toMatch(/^guards\n {2}refuse {2}never-network: .*203\.0\.113/m);
  expect(planLine(planned)).toMatchObject({ refused: true });
});

it.each([
  [{ list: 'web', address: '0.0.0.0/0' }, 'address: expected an address, or a network no wider than /16'],
  [{ list: "'; drop", address: '198.51.100.23' }, 'sample-block cannot take these parameters: list:'],
  [{ list: 'gone', address: '198.51.100.23' }, 'there is no list gone'],
])('cannot plan %j', async (parameters, reason) => {
  const planned = planAction(request(parameters));
  await expect(planned).rejects.toThrow(UnusableInputError);
  await expect(planned).rejects.toThrow(reason);
});

it('says the day where something ends on another', () => {
  expect(residualText({ what: 'tokens', lasts: 13 * 3_600_000 }, NOW)).toBe(
    'an attacker may hold until 2026-11-22 01:00 UTC: tokens',
  );
});

it('says what is needed of each service', () => {
  expect(
    permissionLines({
      graph: ['User.Read.All'],
      aws: [{ actions: ['iam:GetUser'], resources: ['arn:aws:iam::*:user/*'] }],
      kubernetes: [{ apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['create', 'get'] }],
      gcp: ['iam.serviceAccountKeys.disable'],
      others: ['Jira: Create issues'],
    }),
  ).toEqual([
    'Microsoft Graph: User.Read.All',
    'AWS: iam:GetUser on arn:aws:iam::*:user/*',
    'Kubernetes: create, get networkpolicies (networking.k8s.io)',
    'Google Cloud: iam.serviceAccountKeys.disable',
    'Jira: Create issues',
  ]);
});

it.each([
  [14_400_000, '4h'],
  [5_400_000, '90m'],
  [604_800_000, '1w'],
  [1500, '2s'],
  [0, '0s'],
])('writes %d ms as %s', (span, text) => {
  expect(spanText(span)).toBe(text);
});
