/**
 * An AWS Config that answers advanced queries (JSON 1.1) on loopback as the service does: of each resource only what was selected, at most 100 in a
 * page, tokens that go with their query, the account of whoever asks, and aggregators that know several accounts and regions.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_SelectResourceConfig.html
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../../platform/json.ts';
import { LoopbackServer } from './loopback-server.ts';

const requestBody = z.object({
  Expression: z.string().max(4096),
  Limit: z.int().min(0).max(100).default(25),
  NextToken: z.string().optional(),
  ConfigurationAggregatorName: z.string().optional(),
});

/** A request, as the service saw it. */
export interface SeenSelect {
  readonly account: string;
  readonly region: string;
  readonly type: string;
  readonly token: string | undefined;
  readonly aggregator: string | undefined;
}

/** How a request is to fail. */
export interface ConfigFailure {
  readonly status: number;
  readonly type: string;
  readonly message?: string;
}

export class FakeAwsConfig {
  readonly #server: LoopbackServer;
  readonly #resources: JsonObject[] = [];
  readonly #aggregators = new Set<string>();
  readonly #accounts = new Map<string, string>();
  readonly seen: SeenSelect[] = [];
  failure: (request: SeenSelect) => ConfigFailure | undefined = () => undefined;

  private constructor() {
    this.#server = new LoopbackServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<FakeAwsConfig> {
    const fake = new FakeAwsConfig();
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

  /** Whole configuration items, with `accountId`, `awsRegion` and `resourceType`. */
  add(...resources: readonly JsonObject[]): void {
    this.#resources.push(...resources);
  }

  /** Forgets a resource. */
  remove(arn: string): void {
    const at = this.#resources.findIndex((resource) => resource['arn'] === arn);
    if (at !== -1) this.#resources.splice(at, 1);
  }

  aggregator(name: string): void {
    this.#aggregators.add(name);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [accessKeyId = '', , region = ''] =
      /Credential=([^,]+)/.exec(request.headers.authorization ?? '')?.[1]?.split('/') ?? [];
    const target = String(request.headers['x-amz-target']);
    const body = requestBody.parse(await json(request));
    const query = /^SELECT (.+) WHERE resourceType = '([A-Za-z0-9:]+)'$/.exec(body.Expression);
    const account = this.#accounts.get(accessKeyId) ?? '111122223333';
    const aggregator = body.ConfigurationAggregatorName;
    const select: SeenSelect = { account, region, type: query?.[2] ?? '', token: body.NextToken, aggregator };
    this.seen.push(select);
    const expected = `StarlingDoveService.${aggregator === undefined ? 'SelectResourceConfig' : 'SelectAggregateResourceConfig'}`;
    const failure = this.failure(select) ?? this.#fault(target === expected, query !== null, aggregator);
    if (failure !== undefined) {
      fail(response, failure);
      return;
    }
    const found = this.#resources.filter(
      ({ resourceType, accountId, awsRegion }) =>
        resourceType === select.type &&
        (aggregator !== undefined || (accountId === account && (awsRegion === region || awsRegion === 'global'))),
    );
    const start = startOf(body.NextToken, body.Expression);
    if (start === undefined) {
      fail(response, { status: 400, type: 'InvalidNextTokenException' });
      return;
    }
    const fields = (query?.[1] ?? '').split(', ');
    const end = start + body.Limit;
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(
      JSON.stringify({
        Results: found.slice(start, end).map((resource) => JSON.stringify(selected(resource, fields))),
        QueryInfo: { SelectFields: fields.map((Name) => ({ Name })) },
        ...(end < found.length && { NextToken: tokenOf(end, body.Expression) }),
      }),
    );
  }

  #fault(isKnown: boolean, isQuery: boolean, aggregator: string | undefined): ConfigFailure | undefined {
    if (!isKnown) return { status: 400, type: 'UnknownOperationException' };
    if (!isQuery) return { status: 400, type: 'InvalidExpressionException' };
    return aggregator === undefined || this.#aggregators.has(aggregator)
      ? undefined
      : { status: 400, type: 'NoSuchConfigurationAggregatorException' };
  }
}

/** Of a resource the values of some paths, where they stood. */
function selected(resource: JsonObject, fields: readonly string[]): JsonObject {
  const result: JsonObject = {};
  for (const field of fields) {
    let from: Json | undefined = resource;
    let to = result;
    const names = field.split('.');
    for (const [at, name] of names.entries()) {
      from = isObject(from) ? from[name] : undefined;
      if (from === undefined) break;
      if (at === names.length - 1) to[name] = from;
      else {
        const below: Json = isObject(to[name]) ? to[name] : {};
        to[name] = below;
        to = below;
      }
    }
  }
  return result;
}

const tokenOf = (at: number, expression: string): string =>
  Buffer.from(JSON.stringify({ at, expression })).toString('base64');

function startOf(token: string | undefined, expression: string): number | undefined {
  if (token === undefined) return 0;
  const read = z
    .object({ at: z.number(), expression: z.literal(expression) })
    .safeParse(JSON.parse(Buffer.from(token, 'base64').toString()));
  return read.success ? read.data.at : undefined;
}

function fail(response: ServerResponse, { status, type, message = 'invented' }: ConfigFailure): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type });
  response.end(JSON.stringify({ __type: type, message }));
}
