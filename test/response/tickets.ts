import type { FakeService } from '../../local/fakes/fake-service.ts';
import type { ActionContext } from '../../playbooks/contract/action.ts';
import type { Clock } from '../../platform/clock.ts';
import { sampleIncident } from '../../pipeline/incidents/incident-samples.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';
import { actionContext } from './action-context.ts';

/** Credentials that the fakes of services of tickets take. */
export const TICKET_SECRETS = {
  JIRA_USER: 'crosstrail@contoso.example',
  JIRA_TOKEN: 'jira-token',
  SERVICENOW_USER: 'crosstrail',
  SERVICENOW_PASSWORD: 'servicenow-password',
  GITHUB_ISSUES_TOKEN: 'github-token',
};

/** Longer than a service's search may lag. */
const LONGEST = 20 * 60_000;

/** What an action of tickets is given, with a section `response.tickets` in YAML. */
export const ticketContext = (
  clock: Clock,
  tickets: string,
  {
    incident = sampleIncident(),
    secrets = TICKET_SECRETS,
  }: { incident?: Incident; secrets?: Record<string, string> } = {},
): ActionContext => ({
  ...actionContext({ configuration: `response: { tickets: ${tickets} }`, clock, incident, secrets }),
  deadline: clock.now() + LONGEST,
});

/** An incident whose every text tries to mention, to link and to be markup. */
export function hostileIncident(): Incident {
  const text = HOSTILE;
  const sample = sampleIncident();
  return {
    ...sample,
    title: text,
    principals: sample.principals.map((principal) => ({ ...principal, label: text })),
    steps: sample.steps.map((step) => ({ ...step, text })),
  };
}

/** Ends with what must be cut. */
export const HOSTILE = [
  '@channel @contoso/admins [~accountid:5b10] #1 ``` ` <img src=x onerror=alert(1)> </code></li>',
  '[click](https://evil.example) https://evil.example/?q=1 www.evil.example mailto:a@evil.example',
  '[code]<a href="javascript:x">x</a>[/code] {color:red} |table| \u202e\u200b\u0007 ^ORpriority=1 \' OR 1=1 --',
  'x'.repeat(4096),
].join('\n');

/** Opens fakes of services. */
export async function listening<T extends FakeService>(fake: T): Promise<T> {
  await fake.listen();
  return fake;
}
