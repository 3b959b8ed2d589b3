import type { GraphEdge, GraphNode, Incident, Join, PrincipalNames } from '../timeline/incident.ts';
import type { Observation } from '../timeline/observation.ts';
import { isCredential, isSessionArn } from '../timeline/identity/key-traits.ts';
import type { People } from './story/people.ts';
import { bounded } from './story/quoted.ts';
import { isRoleTaken, isSignIn } from './story/sign-in.ts';
import type { ToldStep } from './story/story.ts';
import { thingOf } from './story/thing.ts';

const MOST_NODES = 150;
const MOST_EDGES = 400;

/**
 * Who acted from where, as whom, with what, on what: the graph behind a story. Each edge once, with the time at which it was first true; of more
 * than a graph can show, the earliest.
 */
export function graphOf(
  steps: readonly ToldStep[],
  joins: readonly Join[],
  people: People,
  names: PrincipalNames,
): Incident['graph'] {
  const graph = new AttackGraph(people, names);
  for (const { deed } of steps) for (const { rows } of deed.operations) for (const row of rows) graph.add(row);
  graph.link(steps, joins);
  return graph.result();
}

class AttackGraph {
  readonly #people: People;
  readonly #names: PrincipalNames;
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();

  constructor(people: People, names: PrincipalNames) {
    this.#people = people;
    this.#names = names;
  }

  add(row: Observation): void {
    const principal = this.#names.principalOf(row);
    this.#principal(principal);
    const actor = this.#session(row, principal);
    this.#credentials(row, principal);
    for (const { key, kind, part, label } of row.entities) {
      if (part === 'origin' && key.startsWith('ip:')) this.#address(row, principal, key);
      // A vulnerability is named, not acted upon, and by whoever wrote the text in which it is.
      if (part !== 'target' || kind === 'vulnerability' || this.#names.resolve(key) === principal) continue;
      const { operation } = row.action;
      if (isCredential(key)) {
        this.#node({ id: key, label: bounded(label ?? key.slice(key.indexOf(':') + 1)), kind: 'credential' });
        this.#edge(actor, key, operation, row.time);
      } else if (isSessionArn(key) || isRoleTaken(row)) {
        if (!isSessionArn(key)) continue;
        this.#node({ id: key, label: bounded(thingOf({ key, kind: 'role-session' }).name ?? key), kind: 'session' });
        this.#edge(actor, key, 'assumed', row.time);
      } else {
        const { noun, name } = thingOf({ key, kind: 'resource', label });
        this.#node({ id: key, label: bounded(name === undefined ? noun : `${noun} ${name}`), kind: 'resource' });
        this.#edge(actor, key, operation, row.time);
      }
    }
  }

  /** Joins over a link: what one gave out or made is what the other acted with. */
  link(steps: readonly ToldStep[], joins: readonly Join[]): void {
    const acting = new Map<string, { principal: string; time: number }>();
    for (const { deed } of steps) {
      for (const { alert } of deed.alerts) {
        if (!acting.has(alert.id)) acting.set(alert.id, { principal: deed.principal, time: deed.time });
      }
    }
    for (const { alerts, by, key } of joins) {
      if (by !== 'link') continue;
      const [one, other] = alerts.map((id) => acting.get(id)).sort((a, b) => (a?.time ?? 0) - (b?.time ?? 0));
      if (one === undefined || other === undefined || one.principal === other.principal) continue;
      if (!this.#nodes.has(key)) {
        const kind = isCredential(key) ? 'credential' : isSessionArn(key) ? 'session' : 'resource';
        this.#node({ id: key, label: bounded(thingOf({ key, kind: 'resource' }).name ?? key), kind });
      }
      if (key !== one.principal && !this.#leads(one.principal, key)) this.#edge(one.principal, key, 'used', one.time);
      if (key !== other.principal) this.#edge(key, other.principal, 'used', other.time);
    }
  }

  result(): Incident['graph'] {
    const nodes = [...this.#nodes.values()];
    return { nodes, edges: [...this.#edges.values()].sort((a, b) => a.time - b.time) };
  }

  #leads(from: string, to: string): boolean {
    return [...this.#edges.values()].some((edge) => edge.from === from && edge.to === to);
  }

  #principal(id: string): void {
    this.#node({ id, label: this.#people.of(id).label, kind: 'principal' });
  }

  /** The role session that somebody acted in, or the principal itself. */
  #session({ principal: acting, time }: Observation, principal: string): string {
    if (acting === principal || !isSessionArn(acting)) return principal;
    this.#node({
      id: acting,
      label: bounded(thingOf({ key: acting, kind: 'role-session' }).name ?? acting),
      kind: 'session',
    });
    this.#edge(principal, acting, 'assumed', time);
    return this.#nodes.has(acting) ? acting : principal;
  }

  /** A credential that another step made, in the hands of whoever uses it. */
  #credentials({ entities, time }: Observation, principal: string): void {
    for (const { key, part } of entities) {
      if (part === 'credential' && this.#nodes.has(key)) this.#edge(key, principal, 'used', time);
    }
  }

  #address(row: Observation, principal: string, key: string): void {
    this.#node({ id: key, label: bounded(key.slice('ip:'.length)), kind: 'address' });
    // Once somebody signed in from it, that says more than the use.
    if (isSignIn(row)) this.#edge(key, principal, 'signed in', row.time);
    else if (!this.#edges.has(edgeId(key, principal, 'signed in'))) this.#edge(key, principal, 'used', row.time);
  }

  #node(node: GraphNode): void {
    if (!this.#nodes.has(node.id) && this.#nodes.size < MOST_NODES) this.#nodes.set(node.id, node);
  }

  #edge(from: string, to: string, label: string, time: number): void {
    if (from === to || !this.#nodes.has(from) || !this.#nodes.has(to)) return;
    const shown = bounded(label);
    const id = edgeId(from, to, shown);
    const known = this.#edges.get(id);
    if (known === undefined ? this.#edges.size < MOST_EDGES : time < known.time)
      this.#edges.set(id, { from, to, label: shown, time });
  }
}

const edgeId = (from: string, to: string, label: string): string => `${from}\n${to}\n${label}`;
