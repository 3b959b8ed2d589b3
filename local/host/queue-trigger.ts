import type { DequeuedMessageItem, QueueClient, QueueServiceClient } from '@azure/storage-queue';
import type { Clock } from '../../platform/clock.ts';
import { invoke, json, triggerOf, type Log } from './invoke.ts';
import type { RunningTrigger } from './event-hub-trigger.ts';
import type { FunctionApp, Registration } from './registrations.ts';

export interface QueueTriggerOptions {
  readonly app: FunctionApp;
  readonly registration: Registration;
  readonly service: QueueServiceClient;
  readonly clock: Clock;
  readonly log: Log;
  /** The `extensions.queues` part of host.json; spans in milliseconds. */
  readonly messageEncoding: 'base64' | 'none';
  readonly batchSize: number;
  readonly maxDequeueCount: number;
  readonly visibilityTimeout: number;
  readonly maxPollingInterval: number;
}

/** How long a message taken stays hidden; renewed at half time while the function runs. Short, so that after a crash it is soon seen again. */
const LEASE_SECONDS = 10;
const SHORTEST_POLL = 25;

/**
 * Drives a function from a storage queue with the semantics of the real trigger: a message is deleted when the function succeeded, shown again
 * after `visibilityTimeout` when it failed, and moved to `<queue>-poison` when it was taken `maxDequeueCount` times. More messages are taken as soon
 * as half of a batch is done, so that none waits for the slowest of others. An empty queue is asked at growing intervals.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue, newBatchThreshold
 */
export async function startQueueTrigger(options: QueueTriggerOptions): Promise<RunningTrigger> {
  const { clock, service, registration, log } = options;
  const name = String(triggerOf(registration).settings['queueName']);
  const queue = service.getQueueClient(name);
  await queue.createIfNotExists();
  const stopping = new AbortController();
  const inHand = new Set<Promise<void>>();
  const take = (message: DequeuedMessageItem): void => {
    const handled = handle(options, queue, name, message)
      .catch((error: unknown) => log('warning', `${registration.name}: queue ${name}: ${messageOf(error)}`))
      .finally(() => inHand.delete(handled));
    inHand.add(handled);
  };
  const stopped = (async () => {
    let pause = SHORTEST_POLL;
    while (!stopping.signal.aborted) {
      try {
        const { receivedMessageItems: messages } = await queue.receiveMessages({
          numberOfMessages: options.batchSize,
          visibilityTimeout: LEASE_SECONDS,
        });
        messages.forEach(take);
        while (inHand.size > options.batchSize / 2) await Promise.race(inHand);
        pause = messages.length > 0 ? 0 : Math.min(options.maxPollingInterval, Math.max(SHORTEST_POLL, pause * 1.5));
      } catch (error) {
        log('warning', `${registration.name}: queue ${name}: ${messageOf(error)}`);
        pause = options.maxPollingInterval;
      }
      if (pause > 0) await clock.wait(pause, stopping.signal);
    }
    await Promise.all(inHand);
  })();
  return {
    stop: async () => {
      stopping.abort();
      await stopped;
    },
  };
}

async function handle(
  { app, registration, service, clock, messageEncoding, maxDequeueCount, visibilityTimeout, log }: QueueTriggerOptions,
  queue: QueueClient,
  name: string,
  message: DequeuedMessageItem,
): Promise<void> {
  const lease = keepLease(queue, message, clock);
  try {
    const metadata = {
      Id: json(message.messageId),
      DequeueCount: json(message.dequeueCount),
      InsertionTime: json(message.insertedOn),
      ExpirationTime: json(message.expiresOn),
      PopReceipt: json(message.popReceipt),
    };
    const { messageText } = message;
    const string = messageEncoding === 'base64' ? Buffer.from(messageText, 'base64').toString('utf8') : messageText;
    await invoke(app, registration, { data: { string }, metadata }, log);
    await queue.deleteMessage(message.messageId, await lease.end());
  } catch (error) {
    const popReceipt = await lease.end();
    log(
      'error',
      `${registration.name}: attempt ${message.dequeueCount} of ${maxDequeueCount} failed: ${messageOf(error)}`,
    );
    if (message.dequeueCount < maxDequeueCount) {
      await queue.updateMessage(message.messageId, popReceipt, undefined, visibilityTimeout / 1000);
      return;
    }
    const poison = service.getQueueClient(`${name}-poison`);
    await poison.createIfNotExists();
    await poison.sendMessage(message.messageText, { messageTimeToLive: -1 });
    await queue.deleteMessage(message.messageId, popReceipt);
  }
}

/** Renews a message's lease until `end`, which gives the receipt that deletes it. */
function keepLease(queue: QueueClient, message: DequeuedMessageItem, clock: Clock): { end: () => Promise<string> } {
  const ended = new AbortController();
  let popReceipt = message.popReceipt;
  const renewing = (async () => {
    for (;;) {
      await clock.wait((LEASE_SECONDS * 1000) / 2, ended.signal);
      if (ended.signal.aborted) return;
      const renewed = await queue.updateMessage(message.messageId, popReceipt, undefined, LEASE_SECONDS);
      popReceipt = renewed.popReceipt ?? popReceipt;
    }
  })().catch(() => undefined);
  return {
    end: async () => {
      ended.abort();
      await renewing;
      return popReceipt;
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
