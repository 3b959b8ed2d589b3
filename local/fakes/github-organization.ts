import { verify, type KeyObject } from 'node:crypto';
import { isObject, objectOf, parseJson, type JsonObject } from '../../platform/json.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';

/** A fine-grained personal access token that may reach the organization. */
export interface FakeFineGrained {
  /** Of the grant, which is not the token's. */
  readonly id: number;
  readonly token_id: number;
  readonly login: string;
}

/** A classic token or SSH key that its owner authorized for single sign-on. */
export interface FakeAuthorization {
  readonly credential_id: number;
  readonly credential_type: string;
  readonly login: string;
}

export interface FakeInstallation {
  readonly id: number;
  readonly login: string;
  suspended_at: string | null;
}

export interface FakeGitHubOrganizationOptions {
  readonly login: string;
  readonly app: { readonly clientId: string; readonly publicKey: KeyObject };
  readonly tokens?: readonly FakeFineGrained[];
  readonly authorizations?: readonly FakeAuthorization[];
  readonly installations?: readonly FakeInstallation[];
  /** Logins of its owners. */
  readonly owners?: readonly string[];
  /** A token of an owner, which is no app's. */
  readonly ownerToken?: string;
}

const INSTALLATION_TOKEN = 'ghs_made-up';

/** GitHub, as far as an organization ends the access of credentials and an app that of its installations. */
export class FakeGitHubOrganization extends FakeService {
  readonly #options: FakeGitHubOrganizationOptions;
  readonly tokens: FakeFineGrained[];
  readonly authorizations: FakeAuthorization[];
  readonly installations: readonly FakeInstallation[];

  constructor(options: FakeGitHubOrganizationOptions) {
    super();
    this.#options = options;
    this.tokens = [...(options.tokens ?? [])];
    this.authorizations = [...(options.authorizations ?? [])];
    this.installations = (options.installations ?? []).map((installation) => ({ ...installation }));
  }

  protected override answer(request: FakeRequest): FakeAnswer {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const org = `/orgs/${this.#options.login}`;
    const isApp = this.#isApp(token);
    if (request.path.startsWith('/app/')) return isApp ? this.#app(request) : refusal(401, 'Bad credentials');
    if (request.path === `${org}/installation`) {
      return isApp ? { status: 200, body: { id: 1 } } : refusal(401, 'Bad credentials');
    }
    if (token !== INSTALLATION_TOKEN && token !== this.#options.ownerToken) return refusal(401, 'Bad credentials');
    const [, list, id] = /^\/([a-z-]+)(?:\/([^/]+))?$/.exec(request.path.slice(org.length)) ?? [];
    if (!request.path.startsWith(`${org}/`)) return refusal(404, 'Not Found');
    switch (list) {
      case 'memberships':
        return { status: 200, body: { role: this.#options.owners?.includes(id ?? '') === true ? 'admin' : 'member' } };
      case 'personal-access-tokens':
        // Only apps may ask.
        return token === INSTALLATION_TOKEN ? this.#fineGrained(request, id) : refusal(403, 'Forbidden');
      case 'credential-authorizations':
        return this.#sso(request, id);
      default:
        return refusal(404, 'Not Found');
    }
  }

  /** A token that the app signed, of at most ten minutes. */
  #isApp(token: string): boolean {
    const [header = '', claims = '', signature = ''] = token.split('.');
    const { clientId, publicKey } = this.#options.app;
    const signed = Buffer.from(`${header}.${claims}`);
    if (!verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))) return false;
    const { iss, iat, exp } = objectOf(parseJson(Buffer.from(claims, 'base64url').toString())) ?? {};
    return iss === clientId && Number(exp) - Number(iat) <= 600;
  }

  #app({ method, path }: FakeRequest): FakeAnswer {
    const [, id, what] = /^\/app\/installations\/(\d+)(?:\/(suspended|access_tokens))?$/.exec(path) ?? [];
    if (what === 'access_tokens') return { status: 201, body: { token: INSTALLATION_TOKEN } };
    const installation = this.installations.find((one) => one.id === Number(id));
    if (installation === undefined) return refusal(404, 'Not Found');
    if (what === undefined) {
      const { login, suspended_at } = installation;
      return {
        status: 200,
        body: { id: installation.id, account: { login }, app_slug: 'contoso-builds', suspended_at },
      };
    }
    const suspend = method === 'PUT';
    if ((installation.suspended_at !== null) !== suspend) this.wrote(`${method} suspended`, String(installation.id));
    installation.suspended_at = suspend ? '2026-11-21T12:00:00Z' : null;
    return { status: 204 };
  }

  #fineGrained({ method, query, body }: FakeRequest, id: string | undefined): FakeAnswer {
    if (id === undefined) {
      const wanted = query.get('token_id[]');
      const found = this.tokens.filter(({ token_id }) => wanted === null || String(token_id) === wanted);
      return page(
        query,
        found.map((token) => ({ id: token.id, token_id: token.token_id, owner: { login: token.login } })),
      );
    }
    const at = this.tokens.findIndex((token) => String(token.id) === id);
    if (at === -1) return refusal(404, 'Not Found');
    if (method !== 'POST' || !isObject(body) || body['action'] !== 'revoke') return refusal(422, 'Validation Failed');
    this.tokens.splice(at, 1);
    this.wrote('revoke personal-access-tokens', id);
    return { status: 204 };
  }

  #sso({ method, query }: FakeRequest, id: string | undefined): FakeAnswer {
    if (id === undefined)
      return page(
        query,
        this.authorizations.map((authorization) => ({ ...authorization })),
      );
    const at = this.authorizations.findIndex(({ credential_id }) => String(credential_id) === id);
    if (at === -1 || method !== 'DELETE') return refusal(404, 'Not Found');
    this.authorizations.splice(at, 1);
    this.wrote('delete credential-authorizations', id);
    return { status: 204 };
  }
}

function page(query: URLSearchParams, members: readonly JsonObject[]): FakeAnswer {
  const size = Number(query.get('per_page') ?? 30);
  const from = (Number(query.get('page') ?? 1) - 1) * size;
  return { status: 200, body: members.slice(from, from + size) };
}

const refusal = (status: number, message: string): FakeAnswer => ({ status, body: { message } });
