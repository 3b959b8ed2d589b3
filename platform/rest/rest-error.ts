/** What is known of a request that failed. */
export interface RestFailure {
  /** Undefined where nothing came back. */
  readonly status?: number | undefined;
  /** As the service names it: `Authorization_RequestDenied`. */
  readonly code?: string | undefined;
  /** Milliseconds after which it may be tried again, where the service said so. */
  readonly retryAfter?: number | undefined;
}

/** Thrown where a service did not do what was asked; its message says what was asked and the reason. Holds no credential. */
export class RestError extends Error implements RestFailure {
  override readonly name = 'RestError';
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(message: string, { status, code, retryAfter }: RestFailure = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Whether the service is busy or cannot be reached: whatever is asked, it is to be asked later. */
export const isBusy = ({ status }: RestError): boolean =>
  status === undefined || status === 408 || status === 429 || (status >= 500 && status !== 501);
