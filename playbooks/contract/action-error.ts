/** Why an action did not do what was asked. */
export type ActionErrorKind =
  /** The service is away, throttles, or is at another operation: the same may be tried later. */
  | 'busy'
  /** The identity lacks a permission. */
  | 'forbidden'
  /** The target is not there. */
  | 'absent'
  /** The parameters cannot be used: nothing was asked of anybody. */
  | 'input'
  /** The target is of a kind that this cannot be done to: the message says what to do instead. */
  | 'unsuitable'
  /** Somebody else changes it all the time. */
  | 'conflict'
  /** Whatever else the service refuses. */
  | 'failed';

/** Thrown where an action cannot be planned, executed, verified or undone; its message says what, why and what to do. Holds no secret. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
  readonly kind: ActionErrorKind;
  /** Of `busy`: milliseconds after which it may be tried again, where the service said so. */
  readonly retryAfter: number | undefined;

  constructor(kind: ActionErrorKind, message: string, retryAfter?: number) {
    super(message);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }
}
