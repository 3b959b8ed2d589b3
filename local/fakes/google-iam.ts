import { objectOf } from '../../platform/json.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';

/** A key of a service account. */
export interface FakeGoogleKey {
  /** `projects/<project>/serviceAccounts/<address>/keys/<id>`. */
  readonly name: string;
  readonly type?: 'USER_MANAGED' | 'SYSTEM_MANAGED';
  disabled?: boolean;
}

export interface FakeGoogleOptions {
  readonly keys: readonly FakeGoogleKey[];
  /** The access token that is accepted; what the exchange gives, unless told. */
  readonly token?: string;
  /** What the token may do: `iam.serviceAccountKeys.disable`; everything unless told. */
  readonly may?: (permission: string) => boolean;
}

const EXCHANGED = 'exchanged-for-entra';
const IMPERSONATED = 'impersonated';

/** IAM of Google Cloud with its keys, its security token service, and impersonation, behind one address. */
export class FakeGoogleIam extends FakeService {
  readonly keys: readonly FakeGoogleKey[];
  readonly #token: string;
  readonly #may: (permission: string) => boolean;

  constructor({ keys, token = IMPERSONATED, may = () => true }: FakeGoogleOptions) {
    super();
    this.keys = keys.map((key) => ({ ...key }));
    this.#token = token;
    this.#may = may;
  }

  protected override answer(request: FakeRequest): FakeAnswer {
    const { method, path, headers } = request;
    if (path === '/v1/token') return exchange(request);
    if (path.endsWith(':generateAccessToken')) {
      if (headers.authorization !== `Bearer ${EXCHANGED}`) return refusal(401, 'UNAUTHENTICATED');
      return { status: 200, body: { accessToken: IMPERSONATED, expireTime: '2026-11-21T13:00:00Z' } };
    }
    if (headers.authorization !== `Bearer ${this.#token}`) return refusal(401, 'UNAUTHENTICATED');
    const [, name = '', verb] = /^\/v1\/(projects\/[^:]+)(?::(disable|enable))?$/.exec(path) ?? [];
    return method === 'GET' ? this.#get(name) : this.#set(name, verb);
  }

  #get(name: string): FakeAnswer {
    if (!this.#may('iam.serviceAccountKeys.get')) return refusal(403, 'PERMISSION_DENIED');
    const key = this.#key(name);
    if (key === undefined) return missing(name);
    const { type: keyType = 'USER_MANAGED', disabled = false } = key;
    return { status: 200, body: { name: key.name, keyType, ...(disabled ? { disabled } : {}) } };
  }

  #set(name: string, verb: string | undefined): FakeAnswer {
    if (verb === undefined) return refusal(404, 'NOT_FOUND');
    if (!this.#may(`iam.serviceAccountKeys.${verb}`)) return refusal(403, 'PERMISSION_DENIED');
    const key = this.#key(name);
    if (key === undefined) return missing(name);
    const disabled = verb === 'disable';
    if ((key.disabled ?? false) !== disabled) this.wrote(verb, key.name);
    key.disabled = disabled;
    return { status: 200, body: {} };
  }

  /** A hyphen stands for any project. */
  #key(name: string): FakeGoogleKey | undefined {
    const [, project = '', rest = ''] = /^projects\/([^/]+)(\/.*)$/.exec(name) ?? [];
    return this.keys.find((key) => (project === '-' ? key.name.endsWith(rest) : key.name === name));
  }
}

function exchange({ body, headers }: FakeRequest): FakeAnswer {
  const asked = objectOf(body);
  if (headers.authorization !== undefined || asked?.['subjectToken'] !== 'local') {
    return { status: 400, body: { error: 'invalid_grant', error_description: 'The token is not accepted.' } };
  }
  return { status: 200, body: { access_token: EXCHANGED, token_type: 'Bearer', expires_in: 3599 } };
}

/** With a hyphen for the project, Google does not tell what is not there from what may not be seen. */
const missing = (name: string): FakeAnswer =>
  name.startsWith('projects/-/') ? refusal(403, 'PERMISSION_DENIED') : refusal(404, 'NOT_FOUND');

const refusal = (code: number, status: string): FakeAnswer => ({
  status: code,
  body: { error: { code, message: 'Refused.', status } },
});
