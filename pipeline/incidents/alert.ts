import { createHash } from 'node:crypto';
import type { Alert } from '../timeline/alert.ts';
import type { Decision, Escalation, Signal } from '../timeline/signal.ts';

export type { Alert } from '../timeline/alert.ts';

/** A signal and what an alert needs of its event. */
export interface RaisedSignal {
  readonly signal: Signal;
  readonly event: {
    readonly id: string;
    readonly recordId: string;
    readonly time: number;
    readonly principal: string;
  };
}

export const MAX_PRINCIPALS = 50;

/**
 * Where the alert's window begins. Windows lie on a fixed grid of event time instead of beginning at the first match:
 * so the same events make the same alerts in whatever order they arrive, at the price of two alerts for what spans a border.
 */
export function windowStart({ signal, event }: RaisedSignal): number {
  return Math.floor(event.time / signal.window) * signal.window;
}

/** The id of the alert to which a signal belongs. */
export function alertId(raised: RaisedSignal): string {
  const { rule, group, window } = raised.signal;
  const key = JSON.stringify([rule.id, window, windowStart(raised), Object.entries(group).sort()]);
  return `alert-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
}

/** The alert with one more event. The event must not be in it yet. */
export function withSignal(alert: Alert | undefined, raised: RaisedSignal): Alert {
  const { signal, event } = raised;
  const count = (alert?.count ?? 0) + 1;
  const escalate = earlier(alert?.escalate, signal.escalate);
  return {
    id: alert?.id ?? alertId(raised),
    rule: signal.rule,
    severity: signal.rule.level,
    decision: stronger(
      stronger(alert?.decision ?? 'monitor', signal.decision),
      escalate !== undefined && count >= escalate.count ? escalate.decision : 'monitor',
    ),
    ...(escalate && { escalate }),
    techniques: signal.techniques,
    principals: withPrincipal(alert?.principals ?? [], event.principal),
    group: signal.group,
    count,
    firstSeen: Math.min(alert?.firstSeen ?? event.time, event.time),
    lastSeen: Math.max(alert?.lastSeen ?? event.time, event.time),
  };
}

/** Keeping the smallest of all ever seen, not the first to come, makes the list the same in any order of arrival. */
function withPrincipal(principals: readonly string[], principal: string): readonly string[] {
  if (principals.includes(principal)) return principals;
  return [...principals, principal].sort().slice(0, MAX_PRINCIPALS);
}

/** From what asks least of people to what asks most. */
const DECISIONS: readonly Decision[] = ['monitor', 'warn', 'block'];

/** The one of two decisions that asks more of people. */
export const stronger = <T extends Decision>(one: T, other: T): T =>
  DECISIONS.indexOf(one) >= DECISIONS.indexOf(other) ? one : other;

/**
 * Signals of one alert differ in this only where the rule was changed within the window. The smallest count and the strongest decision
 * count then, and no decision is taken back: so the alert is the same in whatever order they arrive.
 */
function earlier(one: Escalation | undefined, other: Escalation | undefined): Escalation | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return { count: Math.min(one.count, other.count), decision: stronger(one.decision, other.decision) };
}
