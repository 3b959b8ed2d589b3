import { generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCE, FakeEntraLogin } from '../../../test/fakes/entra-login.ts';
import { ManualClock } from '../../../platform/clock.ts';
import { approvalSection } from '../../../platform/configuration/response/approval.ts';
import { EntraApprovers } from './entra-approver.ts';
import { localApprovers } from './local-approver.ts';
import { ANN, BEN, NOW, TENANT } from './response-samples.ts';

const GROUP = '00000000-0000-4000-8000-00000000d001';
const CONFIGURED = {
  ...{ tenant: TENANT, audience: AUDIENCE, approvers: [ANN], approverGroups: [GROUP] },
  approverRoles: ['Crosstrail.Approve'],
};

let login: FakeEntraLogin;
let clock: ManualClock;
let approvers: EntraApprovers;
beforeAll(async () => {
  login = await FakeEntraLogin.start(TENANT);
});
afterAll(() => login.close());
beforeEach(() => {
  clock = new ManualClock(NOW);
  approvers = withSettings(CONFIGURED);
});

const withSettings = (settings: object, url = login.url) =>
  new EntraApprovers({ settings: approvalSection.parse(settings), login: url, clock });
const by = (token: string) => approvers.identify(new Headers({ 'x-ms-token-aad-id-token': token }));
const says = (pattern: RegExp) => expect.stringMatching(pattern) as string;
const signed = (objectId: string, more: JWTPayload = {}) => login.token(objectId, NOW, more);

describe('somebody whom a token names', () => {
  it('is known by object id, and by the names that incidents may have', async () => {
    const found = await by(await signed(ANN, { preferred_username: 'Ann@Contoso.example', name: 'Ann \u001b[2J' }));
    expect(found).toEqual({
      ...{ id: `entra:${TENANT}/${ANN}`, name: 'ann@contoso.example', by: 'Entra token', groups: [] },
      aliases: [
        ...[`entra-user:${TENANT}/${ANN}`, `entra-oid:${ANN}`, ANN],
        ...['upn:ann@contoso.example', 'ann@contoso.example'],
      ],
    });
  });

  it('may be one by group or role, of which only those configured are kept', async () => {
    const groups = ['00000000-0000-4000-8000-00000000d002', GROUP.toUpperCase()];
    expect(await by(await signed(BEN, { groups }))).toMatchObject({ id: `entra:${TENANT}/${BEN}`, groups: [GROUP] });
    const roles = ['Reader', 'Crosstrail.Approve'];
    expect(await by(await signed(BEN, { roles }))).toMatchObject({ groups: ['role:Crosstrail.Approve'] });
    expect(await by(await signed(BEN, { roles: [GROUP], groups: ['role:Crosstrail.Approve', 7] }))).toHaveProperty(
      'refused',
    );
  });

  it.each([
    [
      'version 1',
      { iss: `https://sts.windows.net/${TENANT}/`, aud: `api://${AUDIENCE}`, ver: '1.0', upn: 'ann@contoso.example' },
    ],
    ['a clock that is a little slow', { nbf: NOW / 1000 + 50 }],
    ['a clock that is a little fast', { exp: NOW / 1000 - 50 }],
  ])('may come with %s', async (_name, claims) => {
    expect(await by(await signed(ANN, claims))).toMatchObject({ id: `entra:${TENANT}/${ANN}` });
  });

  it('may send it as a bearer', async () => {
    const headers = new Headers({ authorization: `bearer ${await signed(ANN)}` });
    expect(await approvers.identify(headers)).toMatchObject({ id: `entra:${TENANT}/${ANN}` });
  });
});

describe('a token is refused', () => {
  const other = '00000000-0000-4000-8000-0000000000ab';
  it.each<[string, JWTPayload, string, RegExp]>([
    ['of another tenant', { tid: other, iss: `https://sts.windows.net/${other}/` }, 'bad-token', /its claim iss/],
    ['whose tenant is not its issuer', { tid: other }, 'bad-token', /of no user of the tenant/],
    ['of another issuer', { iss: `https://login.fabrikam.example/${TENANT}/v2.0` }, 'bad-token', /its claim iss/],
    ['for something else', { aud: other }, 'bad-token', /its claim aud/],
    ['that has expired', { exp: NOW / 1000 - 61 }, 'expired', /sign in again/],
    ['that is not valid yet', { nbf: NOW / 1000 + 61 }, 'bad-token', /its claim nbf/],
    ['that never expires', { exp: undefined }, 'bad-token', /its claim exp/],
    ['without an object id', { oid: undefined }, 'bad-token', /its claim oid/],
    ['whose object id is none', { oid: 'ann' }, 'bad-token', /of no user/],
    ['of an application, by its kind', { idtyp: 'app' }, 'not-allowed', /only a person/],
    ['of an application, by its subject', { sub: ANN }, 'not-allowed', /only a person/],
  ])('%s', async (_name, claims, refused, message) => {
    expect(await by(await signed(ANN, claims))).toEqual({ refused, message: says(message) });
  });

  it('of somebody who is not named', async () => {
    expect(await by(await signed(BEN))).toMatchObject({
      refused: 'not-allowed',
      message: says(/An administrator names them/),
    });
    for (const overage of [{ _claim_names: { groups: 'src1' } }, { hasgroups: true }]) {
      expect(await by(await signed(BEN, overage))).toMatchObject({ message: says(/does not list your groups/) });
    }
    approvers = withSettings({ ...CONFIGURED, approverGroups: [] });
    expect(await by(await signed(BEN, { hasgroups: true }))).not.toMatchObject({
      message: says(/does not list your groups/),
    });
  });

  it('that somebody else signed, or nobody', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const claims = {
      tid: TENANT,
      oid: ANN,
      sub: 'x',
      aud: AUDIENCE,
      iss: `${login.url}/${TENANT}/v2.0`,
      iat: 1,
      exp: 4e9,
    };
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(privateKey);
    expect(await by(forged)).toMatchObject({ refused: 'bad-token', message: says(/not signed by Entra/) });
    const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
    const symmetric = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
    expect(await by(symmetric)).toMatchObject({ refused: 'bad-token', message: says(/another algorithm than RS256/) });
    expect(await by(new UnsecuredJWT(claims).encode())).toMatchObject({ refused: 'bad-token' });
    await login.addKey('key-2');
    const nameless = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    expect(await by(nameless)).toMatchObject({ refused: 'bad-token', message: says(/not signed by Entra/) });
    expect(await by('not.a.token')).toMatchObject({ refused: 'bad-token', message: says(/cannot be read/) });
    expect(await by('x'.repeat(70_000))).toMatchObject({ refused: 'bad-token', message: says(/too long/) });
  });

  it('that is not there, whatever other headers say', async () => {
    const principal = Buffer.from(JSON.stringify({ auth_typ: 'aad', claims: [{ typ: 'oid', val: ANN }] })).toString(
      'base64',
    );
    const headers = new Headers({
      'x-ms-client-principal': principal,
      'x-ms-client-principal-id': ANN,
      authorization: 'Basic YW5uOg==',
    });
    expect(await approvers.identify(headers)).toMatchObject({ refused: 'no-token' });
  });

  it('where nothing is configured, with what to configure', async () => {
    approvers = withSettings({});
    expect(await by(await signed(ANN))).toEqual({
      refused: 'not-configured',
      message:
        'Nobody can approve yet: set response.approval.tenant, response.approval.audience, response.approval.approvers in crosstrail.yaml, and switch on App Service authentication.',
    });
  });

  it('where the keys cannot be had', async () => {
    login.away = true;
    expect(await by(await signed(ANN))).toMatchObject({ refused: 'unavailable' });
    login.away = false;
    expect(await by(await signed(ANN))).toHaveProperty('id');
  });
});

it('asks for keys once', async () => {
  login.asked = 0;
  for (const token of await Promise.all([signed(ANN), signed(ANN), signed(BEN)])) await by(token);
  expect(login.asked).toBe(1);
});

it('knows its own pages by the address configured, otherwise by the host', () => {
  const headers = new Headers({ host: 'contoso-crosstrail.azurewebsites.net' });
  expect(approvers.origin(headers)).toBe('https://contoso-crosstrail.azurewebsites.net');
  expect(approvers.origin(new Headers())).toBeUndefined();
  expect(withSettings({ baseUrl: 'https://crosstrail.contoso.example' }).origin(headers)).toBe(
    'https://crosstrail.contoso.example',
  );
  expect(approvers.signIn('/api/approvals/x?token=y')).toBe(
    '/.auth/login/aad?post_login_redirect_uri=%2Fapi%2Fapprovals%2Fx%3Ftoken%3Dy',
  );
});

it('at one machine it is its user, reached by no other name than the machine itself has', async () => {
  const local = localApprovers('ann');
  expect(await local.identify(new Headers())).toMatchObject({ id: 'local:ann', by: 'this machine' });
  expect(local.origin(new Headers({ host: 'LOCALHOST:7071' }))).toBe('http://localhost:7071');
  expect(local.origin(new Headers({ host: '[::1]:7071' }))).toBe('http://[::1]:7071');
  for (const host of [
    'rebound.fabrikam.example:7071',
    '127.0.0.1.fabrikam.example',
    '127.0.0.1:7071@fabrikam.example',
    '',
  ]) {
    expect(local.origin(new Headers({ host }))).toBeUndefined();
  }
});
