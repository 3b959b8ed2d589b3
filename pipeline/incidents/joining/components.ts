import { compareTexts } from '../../../platform/compare-texts.ts';
import type { Alert } from '../../timeline/alert.ts';
import type { Join } from '../../timeline/incident.ts';

/** Which reason is named where two alerts are joined for several: the strongest. */
const STRENGTH: Readonly<Record<Join['by'], number>> = { principal: 0, session: 1, link: 2, resource: 3 };

/** What is asked of an alert here. */
export type JoinedAlert = Pick<Alert, 'id' | 'firstSeen' | 'lastSeen'>;

/** Alerts connected by joins, and as many of the strongest joins as connect them, in order of the alerts' ids. */
export interface Component {
  readonly alerts: readonly JoinedAlert[];
  readonly joins: readonly Join[];
}

/** What connects more alerts than this is glue and no story: they are joined again by who did it and with which credential alone. */
export const MAX_ALERTS = 500;
/**
 * Of so many that did it, also by what one gave out and another used: else whoever makes noise enough in her own name would no longer be joined with
 * what she does in another.
 */
export const MAX_PARTS = 16;
/** What goes on for longer than this is cut where weeks of event time begin, so that noise without end makes no group without end. Milliseconds. */
export const WEEK = 7 * 24 * 3_600_000;

/** Splits alerts into connected components. Depends on the sets alone; takes n log n time. */
export function componentsOf(alerts: readonly JoinedAlert[], joins: Iterable<Join>): Component[] {
  const sorted = [...joins].sort(byStrength);
  const strong = sorted.filter(({ by }) => by === 'principal' || by === 'session');
  const telling = sorted.filter(({ by }) => by !== 'resource');
  return connected(alerts, sorted).flatMap((one) => {
    if (one.alerts.length <= MAX_ALERTS) return cut(one, sorted);
    const parts = connected(one.alerts, strong);
    if (parts.length > MAX_PARTS) return parts.flatMap((part) => cut(part, strong));
    return connected(one.alerts, telling).flatMap((part) => cut(part, telling));
  });
}

function cut(one: Component, joins: readonly Join[]): Component[] {
  if (lengthOf(one) <= WEEK) return [one];
  const weeks = Map.groupBy(one.alerts, ({ firstSeen }) => Math.floor(firstSeen / WEEK));
  return [...weeks.values()].flatMap((week) => connected(week, joins));
}

function lengthOf({ alerts }: Component): number {
  let [first, last] = [Infinity, -Infinity];
  for (const { firstSeen, lastSeen } of alerts) {
    first = Math.min(first, firstSeen);
    last = Math.max(last, lastSeen);
  }
  return last - first;
}

/** @param joins the strongest first; those with an end elsewhere count for nothing */
function connected(alerts: readonly JoinedAlert[], joins: readonly Join[]): Component[] {
  const parents = new Map(alerts.map(({ id }) => [id, id]));
  const rootOf = (alert: string): string | undefined => {
    let root = parents.get(alert);
    if (root === undefined) return undefined;
    for (let up = parents.get(root); up !== undefined && up !== root; up = parents.get(root)) root = up;
    for (let at = alert; at !== root;) {
      const up = parents.get(at) ?? root;
      parents.set(at, root);
      at = up;
    }
    return root;
  };
  const needed: Join[] = [];
  for (const join of joins) {
    const [one, other] = [rootOf(join.alerts[0]), rootOf(join.alerts[1])];
    if (one === undefined || other === undefined || one === other) continue;
    parents.set(other, one);
    needed.push(join);
  }
  const components = new Map<string | undefined, { alerts: JoinedAlert[]; joins: Join[] }>();
  for (const alert of alerts) {
    const root = rootOf(alert.id);
    const component = components.get(root);
    if (component === undefined) components.set(root, { alerts: [alert], joins: [] });
    else component.alerts.push(alert);
  }
  for (const join of needed.sort(byAlerts)) components.get(rootOf(join.alerts[0]))?.joins.push(join);
  return [...components.values()];
}

const byAlerts = (a: Join, b: Join): number =>
  compareTexts(a.alerts[0], b.alerts[0]) || compareTexts(a.alerts[1], b.alerts[1]) || compareTexts(a.key, b.key);

const byStrength = (a: Join, b: Join): number => STRENGTH[a.by] - STRENGTH[b.by] || byAlerts(a, b);
