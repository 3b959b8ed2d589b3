import type { QueueServiceClient } from '@azure/storage-queue';
import { withCreation } from './azure-errors.ts';
import { checkMessage } from './limits.ts';
import type { Queues } from './ports.ts';

/** The service drops a message after seven days unless told otherwise. */
const NEVER_EXPIRES = -1;

/**
 * Azure Queue Storage. Messages are sent in base64, which the queue trigger of Azure Functions expects unless host.json says
 * otherwise. Retries are the SDK's own: three, exponential.
 */
export class AzureQueues implements Queues {
  readonly #service: () => Promise<QueueServiceClient>;

  /** @param service makes the SDK's client; called again for every operation, so it should remember */
  constructor(service: () => Promise<QueueServiceClient>) {
    this.#service = service;
  }

  async send(queue: string, message: string): Promise<void> {
    checkMessage(queue, message);
    const client = (await this.#service()).getQueueClient(queue);
    const text = Buffer.from(message).toString('base64');
    await withCreation(
      `queue ${queue}`,
      () => client.sendMessage(text, { messageTimeToLive: NEVER_EXPIRES }),
      () => client.createIfNotExists(),
    );
  }
}
