import { isLoopback } from '../../platform/azure/endpoints.ts';
import type { GcpSettings } from '../../platform/configuration/response/gcp.ts';
import { objectOf, textOf, type JsonObject } from '../../platform/json.ts';
import { RestClient } from '../../platform/rest/rest-client.ts';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';
import { asked, type RefusalWords } from '../contract/refusal.ts';

type Federation = NonNullable<GcpSettings['federation']>;

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const WORDS: RefusalWords = {
  service: 'Google Cloud',
  credential: 'check response.gcp of the configuration',
  permission: 'the service account of response.gcp may not impersonate, or lacks a role',
};

/** IAM of Google Cloud, for one piece of work that has an end. */
export function googleIam({ connections, clock, deadline }: ActionContext): RestClient {
  const { endpoints } = connections.settings.gcp;
  let token: Promise<string> | undefined;
  return new RestClient({
    base: endpoints.iam,
    authorization: async () => `Bearer ${await (token ??= tokenOf({ connections, clock, deadline }))}`,
    clock,
    deadline,
  });
}

type Work = Pick<ActionContext, 'connections' | 'clock' | 'deadline'>;

async function tokenOf(work: Work): Promise<string> {
  const { federation, tokenVariable } = work.connections.settings.gcp;
  if (federation !== undefined) return federated(federation, work);
  if (tokenVariable === undefined) {
    throw new ActionError(
      'input',
      'response.gcp has neither federation nor tokenVariable: Google Cloud cannot be reached',
    );
  }
  const token = work.connections.secret(tokenVariable);
  if (token !== undefined) return token;
  throw new ActionError('failed', `${tokenVariable}, the token of Google Cloud, is not set`);
}

/** Takes a token of Entra to Google's security token service, and with what it gives acts as the service account. */
async function federated({ audience, scope, serviceAccount }: Federation, work: Work): Promise<string> {
  const { sts, iamCredentials } = work.connections.settings.gcp.endpoints;
  // https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
  const exchanged = await posted(work, sts, undefined, '/v1/token', {
    grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience,
    scope: SCOPE,
    requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
    subjectToken: await entraToken(scope, sts, work),
    subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
  });
  const token = tokenIn(exchanged, 'access_token');
  if (serviceAccount === undefined) return token;
  // https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
  const path = `/v1/projects/-/serviceAccounts/${encodeURIComponent(serviceAccount)}:generateAccessToken`;
  const body = { scope: [SCOPE], lifetime: '600s' };
  return tokenIn(await posted(work, iamCredentials, `Bearer ${token}`, path, body), 'accessToken');
}

async function posted(
  { clock, deadline }: Work,
  base: string,
  authorization: string | undefined,
  path: string,
  body: JsonObject,
): Promise<JsonObject | undefined> {
  const rest = new RestClient({ base, authorization: () => Promise.resolve(authorization), clock, deadline });
  return objectOf((await asked(rest.send({ method: 'POST', path, body, repeatable: true }), WORDS)).body);
}

async function entraToken(scope: string, sts: string, { connections }: Work): Promise<string> {
  // What listens on this machine in plain HTTP gets no real token.
  if (isLoopback(sts)) return 'local';
  const { credential } = await connections.azure();
  const token = await credential.getToken(scope).catch(() => null);
  if (token !== null) return token.token;
  throw new ActionError('busy', `Entra gave no token for ${scope}, which response.gcp.federation names`);
}

function tokenIn(answer: JsonObject | undefined, name: string): string {
  const token = textOf(answer?.[name]);
  if (token !== undefined) return token;
  throw new ActionError('failed', 'Google Cloud gave no token for the one of Entra');
}
