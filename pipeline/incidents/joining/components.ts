import type { Join } from '../../timeline/incident.ts';

/** Which reason is named where two alerts are joined for several: the strongest. */
const STRENGTH: Readonly<Record<Join['by'], number>> = { principal: 0, session: 1, link: 2, resource: 3 };

/** Alerts connected by joins, and as many of the strongest joins as connect them, in order of the alerts' ids. */
export interface Component {
  readonly alerts: readonly string[];
  readonly joins: readonly Join[];
}

/** A component of more alerts than this is glue and no story: it is joined again by who did it and with which credential alone. */
export const MAX_ALERTS = 500;

/** Splits alerts into connected components. Depends on the sets alone; takes n log n time. */
export function componentsOf(alerts: Iterable<string>, joins: Iterable<Join>): Component[] {
  const sorted = [...joins].sort(byStrength);
  return connected([...alerts], sorted).flatMap((component) =>
    component.alerts.length <= MAX_ALERTS
      ? [component]
      : connected(
          component.alerts,
          component.joins.filter(({ by }) => by === 'principal' || by === 'session'),
        ),
  );
}

/** @param joins the strongest first */
function connected(alerts: readonly string[], joins: readonly Join[]): Component[] {
  const parents = new Map<string, string>();
  const rootOf = (alert: string): string => {
    let root = alert;
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up;
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
    if (one === other) continue;
    parents.set(other, one);
    needed.push(join);
  }
  const components = new Map<string, { alerts: string[]; joins: Join[] }>();
  for (const alert of alerts) {
    const root = rootOf(alert);
    const component = components.get(root);
    if (component === undefined) components.set(root, { alerts: [alert], joins: [] });
    else component.alerts.push(alert);
  }
  for (const join of needed.sort(byAlerts)) components.get(rootOf(join.alerts[0]))?.joins.push(join);
  return [...components.values()];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byAlerts = (a: Join, b: Join): number =>
  compare(a.alerts[0], b.alerts[0]) || compare(a.alerts[1], b.alerts[1]) || compare(a.key, b.key);

const byStrength = (a: Join, b: Join): number => STRENGTH[a.by] - STRENGTH[b.by] || byAlerts(a, b);
