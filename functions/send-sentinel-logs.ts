import { app } from '@azure/functions';
import type { AzureConnection } from '../platform/azure/connection.ts';
import { TIMELINE_HUB } from '../pipeline/ingest.ts';
import { azureLogSender, type LogSender, type LogSenderOptions } from '../pipeline/sentinel/log-sender.ts';
import { sendLogs } from '../pipeline/sentinel/send-logs.ts';
import { eventHubTrigger } from './event-hub-trigger.ts';
import { services } from './services.ts';

/** One for each connection, for a client keeps its token. */
const senders = new WeakMap<AzureConnection, Promise<LogSender>>();

/**
 * Events and findings, from the hub `timeline` through a consumer group of its own: to tables of Microsoft Sentinel, where it is configured, else nowhere. While the
 * service is away only this reader waits.
 */
app.eventHub('send-sentinel-logs', {
  ...eventHubTrigger(TIMELINE_HUB, async (batch, context) => {
    const { configuration, storage, metrics, azure } = await services();
    const { logs } = configuration.sentinel;
    if (logs === undefined) return;
    const sender = await senderOf(await azure(), { ...logs, cloud: configuration.azure.cloud });
    const refused = (reason: string): void => context.error(`Not sent to Sentinel: ${reason}`);
    await sendLogs(batch, { blobs: storage.blobs, metrics, sender, refused }, logs);
  }),
  consumerGroup: 'sentinel',
});

function senderOf(connection: AzureConnection, options: LogSenderOptions): Promise<LogSender> {
  const known = senders.get(connection) ?? azureLogSender(connection, options);
  senders.set(connection, known);
  return known;
}
