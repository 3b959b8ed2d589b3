/** Thrown where no credentials for AWS were to be had. The message says what to check, and holds no token. */
export class AwsAccessError extends Error {
  override readonly name = 'AwsAccessError';
  /** Whether the same may be tried later. */
  readonly isBusy: boolean;

  constructor(message: string, isBusy: boolean) {
    super(message);
    this.isBusy = isBusy;
  }
}
