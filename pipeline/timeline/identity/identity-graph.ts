import { compareTexts } from '../../../platform/compare-texts.ts';
import { isContested, isCredential, isShared, strengthOf } from './key-traits.ts';
import { joins, type Evidence, type Link } from './link.ts';
import { bestPaths, type Step } from './best-paths.ts';

/** Links less sure than this are shown, and join nothing. */
export const DEFAULT_THRESHOLD = 0.8;
/**
 * A key that more ids than this are linked with, credentials aside, is shared, whatever its form says: nothing is joined over it.
 * A person has some names in some tenants and accounts; what has more is a role account, or somebody's attempt to join all.
 */
export const MAX_NAMES = 64;

/** A link as often as it was met: the earliest evidence, and when it last held. */
export interface LearnedLink extends Link {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly lastSeen: number;
}

/** A key whose principal is another than when changes were last taken. */
export interface PrincipalChange {
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

/** A key of a principal, and why it is one. */
export interface Alias {
  readonly key: string;
  /** The product of the confidences of the links on the way. */
  readonly confidence: number;
  /** The links that lead to it from the key that stands for the principal; the surest way. */
  readonly path: readonly LearnedLink[];
}

/** Why nothing is joined over a key: its form, two holders at once, or too many names. */
export type Weakness = 'shared' | 'contested' | 'crowded';

/** All that is known of a key. */
export interface Explanation {
  readonly key: string;
  readonly principal: string;
  readonly weakness: Weakness | undefined;
  /** The keys of the principal, surest first, itself left out. */
  readonly aliases: readonly Alias[];
  /** Links with other keys that join nothing, surest first: not sure enough, or with a key that is shared or contested. */
  readonly suspected: readonly LearnedLink[];
  /** Who acted as whom, the principal or one of its keys at one of the ends; earliest first. */
  readonly actedAs: readonly LearnedLink[];
}

/** Keys joined so far. */
interface Principal {
  members: Node[];
  /** The key that stands for it. */
  key: string;
  /** What that key was when changes were last taken, where it is another now. */
  before: string | undefined;
  /** Whether a member became weak, so that links over it no longer hold. */
  broken: boolean;
}

interface Node {
  readonly key: string;
  readonly links: StoredLink[];
  /** Who it is said to belong to. */
  readonly holders: Set<string>;
  /** Ids linked with it, credentials aside, counted until they are too many. */
  readonly names: Set<string>;
  weakness: Weakness | undefined;
  principal: Principal;
}

interface StoredLink {
  readonly kind: Link['kind'];
  readonly one: string;
  readonly other: string;
  readonly confidence: number;
  evidence: Evidence;
  lastSeen: number;
}

/**
 * Who is who, learned link by link. The result depends on the links alone, not on their order: keys are joined over links that belong
 * (`LINK_KINDS`), are at or over the threshold, and have no weak end. Weak is a key that is shared by its form, that is said to belong to two
 * holders that cannot be one, or that has too many names; what becomes weak late is taken out again. Among the keys of a
 * principal the strongest kind of id stands for it, of those the smallest key.
 *
 * Memory is linear in the distinct links. A link costs amortised logarithmic time; where keys became weak, the next reading joins what
 * was joined with them anew, once.
 */
export class IdentityGraph {
  readonly #threshold: number;
  readonly #nodes = new Map<string, Node>();
  readonly #links = new Map<string, StoredLink>();
  readonly #broken = new Set<Principal>();
  readonly #moved = new Set<Principal>();
  /** Principals of keys when changes were last taken, of those that may have changed since. */
  readonly #before = new Map<string, string>();

  constructor(threshold: number = DEFAULT_THRESHOLD) {
    this.#threshold = threshold;
  }

  /** Takes in what was learned. The same link again only widens the time in which it held. */
  add(link: Link): void {
    const { kind, one, other, confidence, evidence } = link;
    if (one === other) return;
    const id = `${kind}\n${confidence}\n${one}\n${other}`;
    const known = this.#links.get(id);
    if (known !== undefined) {
      if (isEarlier(evidence, known.evidence)) known.evidence = evidence;
      known.lastSeen = Math.max(known.lastSeen, evidence.time);
      return;
    }
    const stored: StoredLink = { kind, one, other, confidence, evidence, lastSeen: evidence.time };
    this.#links.set(id, stored);
    const holder = this.#node(one);
    const held = this.#node(other);
    holder.links.push(stored);
    held.links.push(stored);
    if (!this.#counts(stored) || holder.weakness === 'shared' || held.weakness === 'shared') return;
    held.holders.add(one);
    if (held.weakness === undefined && isContested(other, held.holders)) this.#weaken(held, 'contested');
    this.#count(holder, other);
    this.#count(held, one);
    if (holder.weakness === undefined && held.weakness === undefined) this.#join(holder.principal, held.principal);
  }

  /** The key that stands for the principal of a key: itself, where nothing joins it. */
  resolve(key: string): string {
    this.#settle();
    return this.#nodes.get(key)?.principal.key ?? key;
  }

  /** All keys of the principal of a key, itself among them, in no order. */
  membersOf(key: string): readonly string[] {
    this.#settle();
    return this.#nodes.get(key)?.principal.members.map((node) => node.key) ?? [key];
  }

  /** The keys whose principal changed since this was last called, in order of key: the events that name them are to be read again. */
  takeChanges(): PrincipalChange[] {
    this.#settle();
    for (const principal of this.#moved) {
      this.#remember(principal);
      principal.before = undefined;
    }
    this.#moved.clear();
    const changes: PrincipalChange[] = [];
    for (const [key, from] of this.#before) {
      const to = this.#nodes.get(key)?.principal.key ?? key;
      if (from !== to) changes.push({ key, from, to });
    }
    this.#before.clear();
    return changes.sort((a, b) => compareTexts(a.key, b.key));
  }

  /** Every key that a link names. */
  keys(): Iterable<string> {
    return this.#nodes.keys();
  }

  /** The principal of a key, its other keys with the reasons, and what is only suspected. */
  explain(key: string): Explanation {
    this.#settle();
    const node = this.#nodes.get(key);
    if (node === undefined) {
      const weakness = isShared(key) ? 'shared' : undefined;
      return { key, principal: key, weakness, aliases: [], suspected: [], actedAs: [] };
    }
    const { principal } = node;
    const aliases = bestPaths<StoredLink>(principal.key, (from) => this.#surestSteps(from)).map(
      ({ key: alias, confidence, path }) => ({
        key: alias,
        confidence,
        path: path.map((link) => ({ ...link })),
      }),
    );
    const around = new Set(principal.members.flatMap(({ links }) => links));
    const suspected: StoredLink[] = [];
    const actedAs: StoredLink[] = [];
    for (const link of around) {
      if (!joins(link.kind)) actedAs.push(link);
      else if (this.#principalOf(link.one) !== this.#principalOf(link.other)) suspected.push(link);
    }
    return {
      key,
      principal: principal.key,
      weakness: weaknessOf(node),
      aliases,
      suspected: suspected.sort((a, b) => b.confidence - a.confidence || byEnds(a, b)).map((link) => ({ ...link })),
      actedAs: actedAs.sort((a, b) => a.evidence.time - b.evidence.time || byEnds(a, b)).map((link) => ({ ...link })),
    };
  }

  #principalOf(key: string): Principal | undefined {
    return this.#nodes.get(key)?.principal;
  }

  /** Whether a link would join, were no end of it weak. */
  #counts({ kind, confidence }: StoredLink): boolean {
    return joins(kind) && confidence >= this.#threshold;
  }

  *#steps(from: string): Generator<Step<StoredLink>> {
    const node = this.#nodes.get(from);
    if (node === undefined || node.weakness !== undefined) return;
    for (const link of node.links) {
      const key = link.one === from ? link.other : link.one;
      if (this.#counts(link) && this.#nodes.get(key)?.weakness === undefined)
        yield { key, confidence: link.confidence, by: link };
    }
  }

  /** Of several links with one key the surest, and always the same. */
  #surestSteps(from: string): Iterable<Step<StoredLink>> {
    const surest = new Map<string, Step<StoredLink>>();
    for (const step of this.#steps(from)) {
      const known = surest.get(step.key);
      const difference = known === undefined ? 1 : step.confidence - known.confidence;
      if (known === undefined || difference > 0 || (difference === 0 && byEnds(step.by, known.by) < 0))
        surest.set(step.key, step);
    }
    return surest.values();
  }

  #node(key: string): Node {
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const principal: Principal = { members: [], key, before: undefined, broken: false };
    const weakness = isShared(key) ? 'shared' : undefined;
    const node: Node = { key, links: [], holders: new Set(), names: new Set(), weakness, principal };
    principal.members.push(node);
    this.#nodes.set(key, node);
    return node;
  }

  #count(node: Node, other: string): void {
    if (isCredential(other) || node.weakness !== undefined) return;
    node.names.add(other);
    if (node.names.size > MAX_NAMES) this.#weaken(node, 'crowded');
  }

  /** A weak key stays so. */
  #weaken(node: Node, weakness: Weakness): void {
    node.weakness = weakness;
    node.principal.broken = true;
    this.#broken.add(node.principal);
  }

  #join(a: Principal, b: Principal): void {
    if (a === b) return;
    const [big, small] = a.members.length < b.members.length ? [b, a] : [a, b];
    this.#remember(small);
    if (isStronger(small.key, big.key)) {
      big.before ??= big.key;
      this.#moved.add(big);
      big.key = small.key;
    }
    for (const node of small.members) {
      node.principal = big;
      big.members.push(node);
    }
    if (small.broken) {
      big.broken = true;
      this.#broken.add(big);
    }
    this.#moved.delete(small);
    this.#broken.delete(small);
  }

  /** Notes what the principal of each member was when changes were last taken. */
  #remember({ members, before, key: now }: Principal): void {
    for (const { key } of members) if (!this.#before.has(key)) this.#before.set(key, before ?? now);
  }

  /** Takes apart what weak keys had joined, and joins the rest again. */
  #settle(): void {
    if (this.#broken.size === 0) return;
    const loose: Node[] = [];
    for (const principal of this.#broken) {
      this.#remember(principal);
      this.#moved.delete(principal);
      for (const node of principal.members) {
        node.principal = { members: [node], key: node.key, before: undefined, broken: false };
        loose.push(node);
      }
    }
    this.#broken.clear();
    for (const node of loose) {
      for (const { key } of this.#steps(node.key)) {
        const other = this.#principalOf(key);
        if (other !== undefined) this.#join(node.principal, other);
      }
    }
  }
}

/** Of several reasons the same one, whatever the order in which they came. */
function weaknessOf({ key, weakness, holders }: Node): Weakness | undefined {
  return weakness === 'crowded' && isContested(key, holders) ? 'contested' : weakness;
}

const byEnds = (a: Link, b: Link): number =>
  compareTexts(a.one, b.one) || compareTexts(a.other, b.other) || compareTexts(a.kind, b.kind);

const isEarlier = (a: Evidence, b: Evidence): boolean =>
  a.time < b.time || (a.time === b.time && compareTexts(a.eventId, b.eventId) < 0);

/** Whether the first stands better for a principal than the second. */
function isStronger(a: string, b: string): boolean {
  const difference = strengthOf(a) - strengthOf(b);
  return difference < 0 || (difference === 0 && a < b);
}
