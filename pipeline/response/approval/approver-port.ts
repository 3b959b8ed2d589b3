import type { AnsweringPerson } from './decide.ts';

/** Headers of a request, by name in any case. */
export interface RequestHeaders {
  get(name: string): string | null;
}

export type ApproverRefusalReason =
  /** The deployment does not say who approves, or how they are known. */
  | 'not-configured'
  /** Nobody is signed in. */
  | 'no-token'
  /** Somebody was signed in, and is no more. */
  | 'expired'
  /** What is to say who it is cannot be believed. */
  | 'bad-token'
  /** It is known who it is, and they may not approve. */
  | 'not-allowed'
  /** Whether it can be believed cannot be found out at this moment. */
  | 'unavailable';

/** Why nobody was identified. */
export interface ApproverRefusal {
  readonly refused: ApproverRefusalReason;
  /** For people, with what to do; holds nothing of a token but what was wrong with it. */
  readonly message: string;
}

/** Who sends a request: verified, and one of those who may approve. */
export interface ApproverPort {
  identify(headers: RequestHeaders): Promise<AnsweringPerson | ApproverRefusal>;
  /** The origin that this deployment's own pages have, by which forms of other sites are told apart; undefined where the request was sent to another host. */
  origin(headers: RequestHeaders): string | undefined;
  /** Where a person signs in, with the page that they want to come back to; undefined where nobody need. */
  signIn(page: string): string | undefined;
}

export const isRefusal = (found: AnsweringPerson | ApproverRefusal): found is ApproverRefusal => 'refused' in found;
