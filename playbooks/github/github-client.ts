import { createPrivateKey, type KeyObject } from 'node:crypto';
import { arrayOf, objectOf, textOf, type JsonObject } from '../../platform/json.ts';
import { RestClient } from '../../platform/rest/rest-client.ts';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';
import { asked, type RefusalWords } from '../contract/refusal.ts';

/** Of requests to GitHub. https://docs.github.com/rest/about-the-rest-api/api-versions */
export const HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };

/** A token of an app is taken for at most ten minutes, and clocks differ. https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
const SKEW = 60;
const LASTS = 540;

/** What to say where GitHub refuses. @param permission of the app */
export const githubWords = (permission: string): RefusalWords => ({
  service: 'GitHub',
  credential: 'check response.github of the configuration',
  permission: `the app of response.github needs the permission ${permission}`,
});

/** GitHub as the app itself: for its own installations, and nothing else. */
export const asApp = (context: ActionContext): RestClient => client(context, () => appToken(context));

/** GitHub as the installation of the app in an organization, or with the configured token of one of its owners. */
export function asOrganization(organization: string, context: ActionContext): RestClient {
  const { settings, secret } = context.connections;
  const { tokenVariable } = settings.github;
  if (tokenVariable !== undefined) {
    const token = secret(tokenVariable);
    if (token === undefined) throw new ActionError('failed', `${tokenVariable}, the token of GitHub, is not set`);
    return client(context, () => Promise.resolve(token));
  }
  let token: Promise<string> | undefined;
  return client(context, () => (token ??= installationToken(organization, context)));
}

function client({ connections, clock, deadline }: ActionContext, token: () => Promise<string>): RestClient {
  const authorization = async (): Promise<string> => `Bearer ${await token()}`;
  return new RestClient({ base: connections.settings.github.base, authorization, clock, deadline });
}

/** https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app */
async function installationToken(organization: string, context: ActionContext): Promise<string> {
  const app = asApp(context);
  const words = githubWords('to be installed in the organization');
  const found = await asked(
    app.send({ method: 'GET', path: `/orgs/${organization}/installation`, headers: HEADERS, repeatable: true }),
    words,
  );
  const id = objectOf(found.body)?.['id'];
  const path = `/app/installations/${typeof id === 'number' ? id : 0}/access_tokens`;
  const made = await asked(app.send({ method: 'POST', path, headers: HEADERS, repeatable: true }), words);
  const token = textOf(objectOf(made.body)?.['token']);
  if (token !== undefined) return token;
  throw new ActionError('failed', `GitHub gave no token for the installation in ${organization}`);
}

async function appToken({ connections, clock }: ActionContext): Promise<string> {
  const { app } = connections.settings.github;
  if (app === undefined) throw new ActionError('input', 'response.github names no app: GitHub cannot be reached');
  const key = privateKey(app.keyVariable, connections.secret(app.keyVariable));
  const now = Math.floor(clock.now() / 1000);
  const { SignJWT } = await import('jose');
  return new SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(app.clientId)
    .setIssuedAt(now - SKEW)
    .setExpirationTime(now + LASTS)
    .sign(key);
}

/** Line ends may be written as `\n`, for what passes variables on in one line. */
function privateKey(variable: string, text: string | undefined): KeyObject {
  if (text === undefined) throw new ActionError('failed', `${variable}, the private key of the GitHub App, is not set`);
  try {
    return createPrivateKey(text.replaceAll('\\n', '\n'));
  } catch {
    throw new ActionError('failed', `${variable} holds no private key in PEM`);
  }
}

const PAGE = 100;
const MOST_PAGES = 100;

/** The first member of a list that is wanted, page by page; undefined where none is. @throws ActionError */
export async function firstOf(
  github: RestClient,
  list: { readonly path: string; readonly query?: Readonly<Record<string, string>>; readonly words: RefusalWords },
  wanted: (member: JsonObject) => boolean,
): Promise<JsonObject | undefined> {
  for (let page = 1; page <= MOST_PAGES; page++) {
    const query = { ...list.query, per_page: String(PAGE), page: String(page) };
    const request = github.send({ method: 'GET', path: list.path, query, headers: HEADERS, repeatable: true });
    const members = arrayOf((await asked(request, list.words)).body) ?? [];
    const found = members.map((member) => objectOf(member) ?? {}).find(wanted);
    if (found !== undefined || members.length < PAGE) return found;
  }
  throw new ActionError('failed', `GitHub lists more than ${MOST_PAGES * PAGE} credentials: they cannot be read whole`);
}
