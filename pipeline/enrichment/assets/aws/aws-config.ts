import { awsClientIdentity, type AwsIdentity } from '../../../../platform/aws/credentials.ts';
import { isObject, parseJson, type JsonObject } from '../../../../platform/json.ts';

/** An account and region whose AWS Config is asked, or whose aggregator is. */
export interface ConfigTarget extends AwsIdentity {
  /** Twelve digits; names the target in reports. */
  readonly account?: string | undefined;
  /** The name of a configuration aggregator, which knows several accounts and regions. */
  readonly aggregator?: string | undefined;
}

/** Advanced queries of AWS Config. */
export interface AwsConfig {
  /** All rows of a query. @throws what the SDK throws */
  rows(expression: string): Promise<JsonObject[]>;
  close(): void;
}

/** The most that the service gives in a page. */
const PAGE = 100;
const MOST_PAGES = 10_000;
const ATTEMPTS = 6;
const CONNECTION_TIMEOUT = 5_000;
const REQUEST_TIMEOUT = 30_000;
const SESSION_NAME = 'crosstrail-assets';

/**
 * Connects by the AWS SDK, which is loaded now. It reads `AWS_ENDPOINT_URL`, profiles and credentials as every AWS tool does, and repeats what was
 * throttled.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_SelectAggregateResourceConfig.html
 */
export async function connectAwsConfig(target: ConfigTarget, signal?: AbortSignal): Promise<AwsConfig> {
  const { ConfigServiceClient, SelectAggregateResourceConfigCommand, SelectResourceConfigCommand } =
    await import('@aws-sdk/client-config-service');
  const client = new ConfigServiceClient({
    region: target.region,
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT, requestTimeout: REQUEST_TIMEOUT },
    ...(await awsClientIdentity(target, SESSION_NAME)),
  });
  const options = signal === undefined ? {} : { abortSignal: signal };
  const page = async (expression: string, NextToken: string | undefined) => {
    const asked = { Expression: expression, Limit: PAGE, NextToken };
    const { aggregator } = target;
    if (aggregator === undefined) return client.send(new SelectResourceConfigCommand(asked), options);
    const ofAll = { ...asked, ConfigurationAggregatorName: aggregator };
    return client.send(new SelectAggregateResourceConfigCommand(ofAll), options);
  };
  return {
    rows: async (expression) => {
      const rows: JsonObject[] = [];
      let token: string | undefined;
      for (let pages = 0; pages < MOST_PAGES; pages++) {
        const { Results = [], NextToken } = await page(expression, token);
        for (const result of Results) rows.push(rowOf(result));
        if (NextToken === undefined || NextToken === '') return rows;
        token = NextToken;
      }
      throw new Error(`more than ${MOST_PAGES} pages: ask for fewer accounts at once`);
    },
    close: () => client.destroy(),
  };
}

function rowOf(result: string): JsonObject {
  const row = parseJson(result);
  if (!isObject(row)) throw new Error('AWS Config answered with something else than a resource');
  return row;
}
