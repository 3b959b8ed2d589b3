/**
 * A CloudTrail that answers LookupEvents (JSON 1.1) on loopback as the service does: newest first, 50 a page, tokens that go with the
 * parameters of their first request, two requests a second for each account and region, events that show up late. Answers
 * AssumeRole too. Its time is that of a clock.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Clock } from '../../platform/clock.ts';
import { LoopbackServer } from './loopback-server.ts';

export interface FakeEvent {
  readonly id: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** When LookupEvents begins to show it; at once unless told. */
  readonly visibleAt?: number;
  /** By which it is found, beside its time. */
  readonly username?: string;
  readonly accessKeyId?: string;
  /** What its record has beside what every record has. */
  readonly record?: Readonly<Record<string, unknown>>;
}

/** One request, as the service saw it. */
export interface SeenRequest {
  readonly account: string;
  readonly region: string;
  readonly time: number;
  readonly start: number;
  readonly end: number;
  readonly token: string | undefined;
  /** `AccessKeyId=AKIA…`; the service takes one. */
  readonly attribute: string | undefined;
}

/** How a request is to fail. */
export interface Failure {
  readonly status: number;
  readonly type: string;
  readonly message?: string;
}

interface LookupBody {
  readonly StartTime: number;
  readonly EndTime: number;
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly LookupAttributes?: readonly { readonly AttributeKey: string; readonly AttributeValue: string }[];
}

const SECOND = 1000;
const RATE = 2;

export class FakeCloudTrail {
  #clock: Clock;
  readonly #server: LoopbackServer;
  readonly #events = new Map<string, FakeEvent[]>();
  readonly #accounts = new Map<string, string>();
  readonly seen: SeenRequest[] = [];
  /** Parameters of the AssumeRole calls. */
  readonly assumed: URLSearchParams[] = [];
  /** How many requests were over the rate. */
  throttled = 0;
  /** Decides whether a request fails. */
  failure: (request: SeenRequest) => Failure | undefined = () => undefined;

  private constructor(clock: Clock) {
    this.#clock = clock;
    this.#server = new LoopbackServer((request, response) => this.#answer(request, response));
  }

  static async start(clock: Clock): Promise<FakeCloudTrail> {
    const fake = new FakeCloudTrail(clock);
    await fake.#server.listen();
    return fake;
  }

  /** For `AWS_ENDPOINT_URL`. */
  get url(): string {
    return this.#server.url;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Says which account an access key belongs to; others belong to 111122223333. */
  belongs(accessKeyId: string, account: string): void {
    this.#accounts.set(accessKeyId, account);
  }

  add(account: string, region: string, ...events: readonly FakeEvent[]): void {
    const key = `${account} ${region}`;
    const all = [...(this.#events.get(key) ?? []), ...events];
    this.#events.set(
      key,
      all.sort((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1)),
    );
  }

  /** Begins anew: no events, no requests, another time. */
  reset(clock: Clock): void {
    this.#clock = clock;
    this.#events.clear();
    this.seen.length = 0;
    this.throttled = 0;
    this.failure = () => undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const [accessKeyId = '', , region = ''] =
      /Credential=([^,]+)/.exec(request.headers.authorization ?? '')?.[1]?.split('/') ?? [];
    const target = request.headers['x-amz-target'];
    if (target === undefined) {
      this.#assumeRole(new URLSearchParams(body), response);
      return;
    }
    if (!String(target).endsWith('.LookupEvents')) {
      fail(response, { status: 400, type: 'UnknownOperationException' });
      return;
    }
    const account = this.#accounts.get(accessKeyId) ?? '111122223333';
    this.#lookup(JSON.parse(body) as LookupBody, account, region, response);
  }

  #lookup(body: LookupBody, account: string, region: string, response: ServerResponse): void {
    const now = this.#clock.now();
    const request: SeenRequest = {
      account,
      region,
      time: now,
      start: body.StartTime,
      end: body.EndTime,
      token: body.NextToken,
      attribute: body.LookupAttributes?.map(attributeText).join(),
    };
    const recent = this.seen.filter(
      (other) => other.account === account && other.region === region && other.time > now - SECOND,
    );
    this.seen.push(request);
    if (recent.length >= RATE) {
      this.throttled++;
      fail(response, { status: 400, type: 'ThrottlingException', message: 'Rate exceeded' });
      return;
    }
    const failure = this.failure(request);
    if (failure !== undefined) {
      fail(response, failure);
      return;
    }
    if (body.StartTime > body.EndTime) {
      fail(response, { status: 400, type: 'InvalidTimeRangeException' });
      return;
    }
    if ((body.LookupAttributes?.length ?? 0) > 1) {
      fail(response, { status: 400, type: 'InvalidLookupAttributesException' });
      return;
    }
    const parameters = JSON.stringify([body.StartTime, body.EndTime, body.MaxResults, body.LookupAttributes]);
    const after = readToken(body.NextToken, parameters);
    if (after === undefined) {
      fail(response, { status: 400, type: 'InvalidNextTokenException' });
      return;
    }
    // What shows up among pages already given is not given any more.
    const found = (this.#events.get(`${account} ${region}`) ?? []).filter(
      (event) =>
        (event.visibleAt ?? 0) <= now &&
        (body.LookupAttributes ?? []).every((one) => attributesOf(event).includes(attributeText(one))) &&
        seconds(event.time) >= body.StartTime &&
        seconds(event.time) <= body.EndTime &&
        (after === null || event.time < after.time || (event.time === after.time && event.id < after.id)),
    );
    const page = found.slice(0, body.MaxResults ?? 50);
    const last = page.at(-1);
    const token = found.length > page.length && last !== undefined ? writeToken(parameters, last) : undefined;
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ Events: page.map((event) => answerOf(event, account, region)), NextToken: token }));
  }

  #assumeRole(parameters: URLSearchParams, response: ServerResponse): void {
    this.assumed.push(parameters);
    const account = parameters.get('RoleArn')?.split(':')[4] ?? '';
    const accessKeyId = `ASIA${account}0000`;
    this.belongs(accessKeyId, account);
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(
      `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>` +
        `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>invented</SecretAccessKey><SessionToken>invented</SessionToken>` +
        `<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    );
  }
}

const seconds = (time: number): number => Math.floor(time / SECOND);

const attributeText = ({ AttributeKey, AttributeValue }: { AttributeKey: string; AttributeValue: string }): string =>
  `${AttributeKey}=${AttributeValue}`;

const attributesOf = ({ username, accessKeyId }: FakeEvent): string[] => [
  `Username=${username ?? ''}`,
  `AccessKeyId=${accessKeyId ?? ''}`,
];

function answerOf({ id, time, record: more }: FakeEvent, account: string, region: string) {
  const record = {
    eventVersion: '1.11',
    eventID: id,
    eventTime: `${new Date(seconds(time) * SECOND).toISOString().slice(0, 19)}Z`,
    eventSource: 'ec2.amazonaws.com',
    eventName: 'DescribeInstances',
    awsRegion: region,
    recipientAccountId: account,
    ...more,
  };
  return {
    EventId: id,
    EventName: record.eventName,
    EventTime: seconds(time),
    EventSource: record.eventSource,
    CloudTrailEvent: JSON.stringify(record),
  };
}

function writeToken(parameters: string, { time, id }: FakeEvent): string {
  return Buffer.from(JSON.stringify({ parameters, time, id })).toString('base64');
}

/** Where a page goes on; null for the first page, undefined for a token that does not go with the parameters. */
function readToken(token: string | undefined, parameters: string): { time: number; id: string } | null | undefined {
  if (token === undefined) return null;
  const read = JSON.parse(Buffer.from(token, 'base64').toString()) as { parameters: string; time: number; id: string };
  return read.parameters === parameters ? read : undefined;
}

function fail(response: ServerResponse, { status, type, message }: Failure): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type });
  response.end(JSON.stringify({ __type: type, message: message ?? type }));
}
