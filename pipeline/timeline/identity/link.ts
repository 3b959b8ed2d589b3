import type { SourceId } from '../event.ts';

/**
 * What a link says of its two ends.
 * - `belongs`: `other` is one more id of what `one` names, or a credential of it, and of nothing else. Such links join principals.
 * - `acted-as`: `one` used the identity `other` at the time of the evidence. Others may use it at other times, so such links never join.
 */
export type Relation = 'belongs' | 'acted-as';

interface KindOfLink {
  readonly relation: Relation;
  /** How sure it is that the link holds, where its evidence is what the log says it is: from 0 to 1. */
  readonly confidence: number;
}

/** Every kind of link between two keys. An IP address links nothing. */
export const LINK_KINDS = {
  /** STS gave the access key `other` to the caller `one`. */
  'issued-credential': { relation: 'belongs', confidence: 1 },
  /** The credential `other` was used by `one`, to whom alone it is issued. */
  'used-credential': { relation: 'belongs', confidence: 1 },
  /** The sign-in session `other` of Entra is of `one`. */
  session: { relation: 'belongs', confidence: 1 },
  /** The token `other` of Entra was issued to `one`. */
  token: { relation: 'belongs', confidence: 1 },
  /** Two ids in one record for the same thing, `one` never given to anything else. */
  'immutable-id': { relation: 'belongs', confidence: 0.98 },
  /** `other` is what a trusted issuer calls `one`. */
  federation: { relation: 'belongs', confidence: 0.95 },
  /** A directory says so: a snapshot, or Entra where it names a service principal with its application. */
  directory: { relation: 'belongs', confidence: 0.95 },
  /** The same user principal name or e-mail address. */
  upn: { relation: 'belongs', confidence: 0.8 },
  /** A session carries the source identity `one`, which whoever opened the chain chose. */
  'source-identity': { relation: 'belongs', confidence: 0.7 },
  /** A session that Identity Center named after its user. */
  'sso-session-name': { relation: 'belongs', confidence: 0.6 },
  /** A session whose name is `one`; whoever opened it chose the name. */
  'session-name': { relation: 'belongs', confidence: 0.3 },
  /** The credential or person `one` acted in the role session `other`. */
  'role-session': { relation: 'acted-as', confidence: 1 },
  /** `one` called as `other` (Kubernetes impersonation, or a role mapped to a Kubernetes user). */
  impersonation: { relation: 'acted-as', confidence: 1 },
} as const satisfies Readonly<Record<string, KindOfLink>>;

export type LinkKind = keyof typeof LINK_KINDS;

/** What a link was learned from. */
export interface Evidence {
  /** Id of the event; for a directory the place of its row. */
  readonly eventId: string;
  readonly source: SourceId | 'directory';
  /** Milliseconds since 1970-01-01T00:00:00Z: the time of the event. A directory says none: 0. */
  readonly time: number;
  /** In a few fixed words, what the evidence shows. Never holds text of a record. */
  readonly what: string;
}

/** A typed link between two keys of `entity-keys.ts`, with what it was learned from. */
export interface Link {
  readonly kind: LinkKind;
  /** The holder: whoever `other` belongs to, or who acted as `other`. */
  readonly one: string;
  readonly other: string;
  readonly confidence: number;
  readonly evidence: Evidence;
}

/** A link with the confidence of its kind. */
export function linkOf(kind: LinkKind, one: string, other: string, evidence: Evidence): Link {
  return { kind, one, other, confidence: LINK_KINDS[kind].confidence, evidence };
}

/** Whether links of a kind can join principals. */
export const joins = (kind: LinkKind): boolean => LINK_KINDS[kind].relation === 'belongs';
