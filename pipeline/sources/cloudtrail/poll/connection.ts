import { awsClientIdentity, type AwsIdentity } from '../../../../platform/aws/credentials.ts';

/** Where to poll, and as whom. */
export interface PollTarget extends AwsIdentity {
  /** Twelve digits; names the target in reports and its bookmark. */
  readonly account?: string | undefined;
}

/** A span of event time, in seconds since 1970-01-01T00:00:00Z, both ends included, as LookupEvents takes it. */
export interface TimeWindow {
  readonly start: number;
  readonly end: number;
}

/** An event as LookupEvents answers it. */
export interface FoundEvent {
  readonly id: string | undefined;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly time: number | undefined;
  /** The record, as JSON text. */
  readonly record: string;
}

export interface Page {
  /** Newest first. */
  readonly events: readonly FoundEvent[];
  readonly nextToken: string | undefined;
}

/** What events must have, where not all are wanted: LookupEvents takes one such condition. */
export interface LookupAttribute {
  readonly key: 'AccessKeyId' | 'Username';
  readonly value: string;
}

export interface LookupOptions {
  readonly attribute?: LookupAttribute | undefined;
  /** The request is given up when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** LookupEvents of one account and region. */
export interface Connection {
  /** One request, never repeated by itself. A token goes with the window and condition that it was given for. */
  lookup(window: TimeWindow, nextToken: string | undefined, options?: LookupOptions): Promise<Page>;
  close(): void;
}

const PAGE_SIZE = 50;
const SESSION_NAME = 'crosstrail-cloudtrail-poll';
const CONNECTION_TIMEOUT = 5_000;
const REQUEST_TIMEOUT = 20_000;

/**
 * Connects by the AWS SDK, which is loaded now. It reads `AWS_ENDPOINT_URL`, profiles and credentials as every AWS tool does. Its own
 * retries are off, for they would not keep the rate.
 */
export async function connect(target: PollTarget): Promise<Connection> {
  const { CloudTrailClient, LookupEventsCommand } = await import('@aws-sdk/client-cloudtrail');
  const client = new CloudTrailClient({
    region: target.region,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT, requestTimeout: REQUEST_TIMEOUT },
    ...(await awsClientIdentity(target, SESSION_NAME)),
  });
  return {
    lookup: async ({ start, end }, nextToken, { attribute, signal } = {}) => {
      const { Events = [], NextToken } = await client.send(
        new LookupEventsCommand({
          StartTime: new Date(start * 1000),
          EndTime: new Date(end * 1000),
          MaxResults: PAGE_SIZE,
          NextToken: nextToken,
          ...(attribute !== undefined && {
            LookupAttributes: [{ AttributeKey: attribute.key, AttributeValue: attribute.value }],
          }),
        }),
        { abortSignal: signal },
      );
      const events = Events.map((event) => ({
        id: event.EventId,
        time: event.EventTime === undefined ? undefined : Math.floor(event.EventTime.getTime() / 1000),
        // An answer without its record is sent on as it is, to be kept as a dead letter rather than lost.
        record: event.CloudTrailEvent ?? JSON.stringify(event),
      }));
      return { events, nextToken: NextToken };
    },
    close: () => client.destroy(),
  };
}
