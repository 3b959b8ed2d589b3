import { describe, expect, it } from 'vitest';
import type { Join } from '../../timeline/incident.ts';
import { componentsOf, MAX_ALERTS, MAX_PARTS, WEEK, type JoinedAlert } from './components.ts';

const alert = (id: string, firstSeen = 0): JoinedAlert => ({ id, firstSeen, lastSeen: firstSeen });
const join = (one: string, other: string, by: Join['by'] = 'principal'): Join => ({
  alerts: one < other ? [one, other] : [other, one],
  by,
  key: `${by}:key`,
});
const idsOf = (alerts: readonly JoinedAlert[], joins: readonly Join[]): string[][] =>
  componentsOf(alerts, joins)
    .map((component) => component.alerts.map(({ id }) => id).sort())
    .sort();

describe('components', () => {
  it('are what joins connect, with the strongest joins that connect it', () => {
    const joins = [join('a', 'b', 'resource'), join('b', 'c', 'link'), join('a', 'c'), join('d', 'e', 'session')];
    const alerts = ['e', 'd', 'c', 'b', 'a', 'f'].map((id) => alert(id));
    expect(idsOf(alerts, joins)).toEqual([['a', 'b', 'c'], ['d', 'e'], ['f']]);
    const [component] = componentsOf(alerts.slice(2, 5), joins);
    expect(component?.joins).toEqual([join('a', 'c'), join('b', 'c', 'link')]);
  });

  it('leave out joins with what is not there', () => {
    expect(idsOf([alert('a'), alert('b')], [join('a', 'x'), join('b', 'x')])).toEqual([['a'], ['b']]);
  });

  /** How many groups so many principals are with so many alerts each, one joined with the next. */
  function groupsOf(principals: number, alertsEach: number, by: Join['by']): number {
    const alerts = Array.from({ length: principals * alertsEach }, (_, n) => alert(String(n)));
    const joins = alerts
      .slice(1)
      .map(({ id }, n) => join(String(n), id, (n + 1) % alertsEach === 0 ? by : 'principal'));
    return idsOf(alerts, joins).length;
  }

  it('are joined by who acted alone where they are too large', () => {
    expect(groupsOf(2, MAX_ALERTS / 2, 'resource')).toBe(1);
    expect(groupsOf(2, MAX_ALERTS / 2 + 1, 'resource')).toBe(2);
    expect(groupsOf(MAX_ALERTS, 1, 'link')).toBe(1);
    expect(groupsOf(MAX_ALERTS + 1, 1, 'link')).toBe(MAX_ALERTS + 1);
    expect(groupsOf(MAX_PARTS + 1, MAX_ALERTS, 'link')).toBe(MAX_PARTS + 1);
  });

  it('stay joined by what one gave another where few make much noise', () => {
    expect(groupsOf(2, MAX_ALERTS * 2, 'link')).toBe(1);
    expect(groupsOf(MAX_PARTS, MAX_ALERTS, 'link')).toBe(1);
  });

  it('are cut at the week where they go on for longer than one', () => {
    const days = (count: number) =>
      Array.from({ length: count }, (_, n) => alert(`d${n}`, 3 * (WEEK / 7) + n * (WEEK / 7)));
    const joins = Array.from({ length: 20 }, (_, n) => join(`d${n}`, `d${n + 1}`));
    expect(idsOf(days(8), joins)).toHaveLength(1);
    expect(idsOf(days(9), joins)).toEqual([
      ['d0', 'd1', 'd2', 'd3'],
      ['d4', 'd5', 'd6', 'd7', 'd8'],
    ]);
  });
});
