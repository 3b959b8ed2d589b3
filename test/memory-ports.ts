import { Observer } from '../pipeline/correlation/observe.ts';
import { Metrics } from '../platform/metrics.ts';
import { MemoryHubs } from '../platform/hubs.ts';
import { memoryStorage } from '../platform/storage/memory.ts';
import type { Delivery } from '../pipeline/delivery.ts';

/** Everything that the stages stand on, in memory. */
export function memoryPorts() {
  const storage = memoryStorage();
  return {
    ...storage,
    storage,
    hubs: new MemoryHubs(),
    metrics: new Metrics(),
    observer: new Observer(),
    matcher: { match: () => [] },
  };
}

/** A message as a hub delivers it. */
export function delivery(body: string | Uint8Array, sequenceNumber = 0, hub = 'cloudtrail'): Delivery {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return { body: bytes, origin: { hub, partition: '0', sequenceNumber, enqueued: Date.UTC(2026, 10, 20, 10) } };
}

/** A CloudTrail record that reads; `id` makes it unlike others. */
export function awsRecord(id: string | number, more: object = {}): object {
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDAEXAMPLE000000000',
      arn: 'arn:aws:iam::111122223333:user/backup',
      accountId: '111122223333',
      accessKeyId: 'AKIAEXAMPLE000000000',
      userName: 'backup',
    },
    eventTime: '2026-11-20T09:58:00Z',
    eventSource: 's3.amazonaws.com',
    eventName: 'ListBuckets',
    awsRegion: 'eu-north-1',
    sourceIPAddress: '203.0.113.10',
    userAgent: 'aws-cli/2.31.0',
    requestParameters: null,
    responseElements: null,
    requestID: '00000000-0000-4000-8000-000000000001',
    eventID: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
    ...more,
  };
}
