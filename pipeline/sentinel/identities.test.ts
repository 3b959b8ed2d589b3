import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../platform/json.ts';
import { namedEntities } from './entities.ts';
import { resolveAccounts, type IdentityReader, type ResolvedAccounts } from './identities.ts';
import type { LogRow } from './logs/log-reader.ts';

const TENANT = '00000000-0000-4000-8000-0000000000aa';
const ANN = '00000000-0000-4000-8000-000000000001';
const BOB = '00000000-0000-4000-8000-000000000002';
const USER = `entra-user:${TENANT}/${ANN}`;
const IAM = 'aws:arn:aws:iam::111122223333:user/ann';

/** Crosstrail that has joined ann's names. */
const joined = (...keys: string[]): IdentityReader => ({
  resolve: (key) => (keys.includes(key) ? (keys[0] ?? key) : key),
  membersOf: (key) => (keys.includes(key) ? keys : [key]),
  labelOf: (key) => (key === keys[0] ? 'ann@contoso.example' : undefined),
  called: (name) => keys.filter((key) => key.toLowerCase().endsWith(`/${name}`)),
});
const NOBODY = joined();

const row = (objectId: string, upn: string, more: LogRow = {}): LogRow => ({
  ObjectId: objectId,
  Tenant: TENANT,
  Upn: upn,
  Name: upn.split('@')[0],
  ...more,
});

const resolve = (accounts: readonly JsonObject[], rows: readonly LogRow[], known = NOBODY): ResolvedAccounts =>
  resolveAccounts(
    namedEntities(
      accounts.map((properties) => ({ kind: 'Account', properties })),
      TENANT,
    ),
    rows,
    known,
  );

describe('accounts of an incident', () => {
  it('are one person where the directory says so: with and without suffix, and by object id', () => {
    const accounts = [{ accountName: 'ann' }, { accountName: 'ann', upnSuffix: 'contoso.example' }, { aadUserId: ANN }];
    const { principals, unresolved } = resolve(accounts, [
      row(ANN, 'ann@contoso.example', { Roles: ['User Administrator'], Enabled: 'False' }),
    ]);
    expect(unresolved).toEqual([]);
    expect(principals).toMatchObject([
      {
        principal: USER,
        label: 'ann@contoso.example',
        aliases: ['upn:ann@contoso.example'],
        standing: ['disabled', 'User Administrator'],
      },
    ]);
    expect(principals[0]?.keys).toContain(`entra-sp:${TENANT}/${ANN}`);
  });

  it('have the names in other clouds that Crosstrail has joined', () => {
    const { principals } = resolve(
      [{ accountName: 'ann@contoso.example' }],
      [],
      joined(USER, 'upn:ann@contoso.example', IAM),
    );
    expect(principals).toMatchObject([{ principal: USER, aliases: ['upn:ann@contoso.example', IAM] }]);
  });

  it('by object id without a tenant are found by Crosstrail, whose keys have one', () => {
    const accounts = namedEntities([{ kind: 'Account', properties: { aadUserId: ANN } }]);
    const { principals } = resolveAccounts(accounts, [], joined(USER, IAM));
    expect(principals).toMatchObject([{ principal: USER, aliases: [IAM] }]);
    expect(principals[0]?.keys).toContain(`entra-oid:${ANN}`);
  });

  it('that are a name alone are found by Crosstrail where the workspace knows nothing', () => {
    const { principals } = resolve([{ accountName: 'Ann' }], [], joined(USER, IAM));
    expect(principals).toMatchObject([{ principal: USER, named: ['Ann'] }]);
  });

  it('are told with all that several tables say of one person', () => {
    const rows = [row(ANN, 'ann@contoso.example', { Roles: ['User Administrator'] }), row(ANN, 'ann@contoso.example')];
    expect(resolve([{ accountName: 'ann' }], rows).principals).toMatchObject([{ standing: ['User Administrator'] }]);
  });

  it('are nobody where a name alone means several, which is said', () => {
    const { principals, unresolved } = resolve(
      [{ accountName: 'ann' }],
      [row(ANN, 'ann@contoso.example'), row(BOB, 'ann@fabrikam.example')],
    );
    expect(principals).toEqual([]);
    expect(unresolved).toEqual(['ann may mean several: ann@contoso.example, ann@fabrikam.example']);
  });

  it('are nobody where nobody is known by the name, which is said', () => {
    expect(resolve([{ accountName: 'carl' }], [row(ANN, 'ann@contoso.example')])).toEqual({
      principals: [],
      unresolved: ['carl: nobody of that name is known'],
    });
  });

  it('go by the security identifier before the name', () => {
    const { principals } = resolve(
      [{ accountName: 'ann', sid: 'S-1-5-21-1' }],
      [row(ANN, 'ann@contoso.example'), row(BOB, 'ann@fabrikam.example', { Sid: 'S-1-5-21-1' })],
    );
    expect(principals).toMatchObject([{ label: 'ann@fabrikam.example' }]);
  });

  it('are who they say themselves where a name was given to another', () => {
    const { principals } = resolve(
      [{ accountName: 'ann@contoso.example' }],
      [row(ANN, 'ann@contoso.example'), row(BOB, 'ann@contoso.example')],
    );
    expect(principals).toMatchObject([{ principal: 'upn:ann@contoso.example', aliases: [] }]);
  });

  it('of AWS need no directory', () => {
    const { principals } = resolve([{ accountName: 'arn:aws:iam::111122223333:user/ann' }], [], joined(USER, IAM));
    expect(principals).toMatchObject([{ principal: USER }]);
  });
});
