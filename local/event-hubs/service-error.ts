import type { AmqpError } from 'rhea';

/** An error as the service names it to clients: by its AMQP condition. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** For example `amqp:not-found`; the Azure clients choose the error's name and whether to retry by it. */
  readonly condition: string;

  constructor(condition: string, message: string) {
    super(message);
    this.condition = condition;
  }

  /** The form that goes over the wire. */
  get amqp(): AmqpError {
    return { condition: this.condition, description: this.message };
  }
}

/** The error that a client is told: what is not a {@link ServiceError} is the server's own failure. */
export function serviceErrorOf(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  return new ServiceError('amqp:internal-error', error instanceof Error ? error.message : String(error));
}
