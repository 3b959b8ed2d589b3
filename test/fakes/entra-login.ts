import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { LoopbackServer } from './loopback-server.ts';

export const AUDIENCE = '00000000-0000-4000-8000-0000000000c1';

/** The login service of Entra, as far as tokens are verified: it signs some, and serves its keys for one tenant. */
export class FakeEntraLogin {
  readonly tenant: string;
  /** How often its keys were asked for. */
  asked = 0;
  /** Whether it answers. */
  away = false;
  readonly #server: LoopbackServer;
  readonly #keys = new Map<string, { readonly privateKey: CryptoKey; readonly jwk: object }>();

  private constructor(tenant: string) {
    this.tenant = tenant;
    this.#server = new LoopbackServer((request, response) => {
      this.asked++;
      const here = request.url === `/${tenant}/discovery/v2.0/keys` && !this.away;
      const keys = [...this.#keys.values()].map(({ jwk }) => jwk);
      response.writeHead(here ? 200 : 503, { 'content-type': 'application/json' });
      response.end(here ? JSON.stringify({ keys }) : '');
    });
  }

  static async start(tenant: string): Promise<FakeEntraLogin> {
    const login = new FakeEntraLogin(tenant);
    await Promise.all([login.#server.listen(), login.addKey('key-1')]);
    return login;
  }

  get url(): string {
    return this.#server.url;
  }

  async addKey(kid: string): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    this.#keys.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' } });
  }

  /**
   * A token for a user.
   * @param now milliseconds since 1970-01-01T00:00:00Z; it is valid for an hour from then
   * @param more claims beside or in place of its own
   */
  token(objectId: string, now: number, more: JWTPayload = {}, kid = 'key-1'): Promise<string> {
    const seconds = Math.floor(now / 1000);
    const claims = {
      iss: `${this.url}/${this.tenant}/v2.0`,
      aud: AUDIENCE,
      ...{ iat: seconds, nbf: seconds, exp: seconds + 3600 },
      ...{ tid: this.tenant, oid: objectId, sub: `pairwise-${objectId}`, ver: '2.0' },
      ...more,
    };
    const key = this.#keys.get(kid)?.privateKey;
    if (key === undefined) throw new Error(`there is no key ${kid}`);
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(key);
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
