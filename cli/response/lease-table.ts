import type { Response, Step } from '../../pipeline/response/response.ts';
import { shownTime, table } from '../terminal.ts';
import { spanText } from './span-text.ts';

/** A step that holds something until its lease is over. */
export interface Held {
  readonly response: Response;
  readonly step: Step;
}

/** What is held, a line each. @param now milliseconds since 1970-01-01T00:00:00Z */
export const leaseTable = (held: readonly Held[], now: number): string =>
  table(held, [
    { title: 'ENDS (UTC)', cell: ({ step }) => shownTime(step.lease?.until ?? now), whole: true },
    { title: 'IN', cell: ({ step }) => leftText((step.lease?.until ?? now) - now), right: true },
    { title: 'RESPONSE', cell: ({ response }) => response.id.replace(/^response-/, '').slice(0, 8), whole: true },
    { title: 'ACTION', cell: ({ step }) => step.action, whole: true },
    { title: 'ON', cell: ({ step }) => step.plan?.target.label ?? '', max: 60 },
    { title: 'STATE', cell: ({ step }) => step.state },
    { title: 'INCIDENT', cell: ({ response }) => response.incident ?? '', max: 20 },
    { title: 'BY', cell: ({ response }) => response.requester, max: 40 },
    { title: 'PROBLEM', cell: ({ step }) => step.problem ?? '', max: 120 },
  ]);

const MINUTE = 60_000;

const leftText = (left: number): string =>
  left <= 0 ? 'over' : spanText(Math.max(MINUTE, Math.round(left / MINUTE) * MINUTE));

/** The same for machines. */
export const leaseLine = ({ response, step }: Held): object => ({
  type: 'lease',
  response: response.id,
  incident: response.incident ?? null,
  step: step.id,
  action: step.action,
  parameters: step.parameters,
  target: step.plan?.target ?? null,
  state: step.state,
  problem: step.problem ?? null,
  until: step.lease === undefined ? null : new Date(step.lease.until).toISOString(),
  extended: step.lease?.extended ?? [],
  requester: response.requester,
});
