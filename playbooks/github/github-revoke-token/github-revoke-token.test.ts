import { afterEach, describe, expect, it } from 'vitest';
import type { FakeGitHubOrganizationOptions } from '../../../local/fakes/github-organization.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { githubStage, type GitHubStage } from '../../../test/response/github-stage.ts';
import type { Change } from '../../contract/action.ts';
import { revokeToken as action } from './github-revoke-token.ts';

const TOKENS = [
  { id: 71, token_id: 5001, login: 'mia-contoso' },
  { id: 72, token_id: 5002, login: 'tom-contoso' },
];
const AUTHORIZATIONS = [{ credential_id: 900, credential_type: 'SSH key', login: 'tom-contoso' }];
const PARAMETERS = { organization: 'Contoso', credential: 5001 };
const SSO = { organization: 'contoso', kind: 'sso-authorization', credential: 900 };

const stages: GitHubStage[] = [];
afterEach(() => Promise.all(stages.splice(0).map(({ fake }) => fake.close())));
async function github(options: Partial<FakeGitHubOrganizationOptions> = {}): Promise<GitHubStage> {
  const stage = await githubStage({ tokens: TOKENS, authorizations: AUTHORIZATIONS, ...options });
  stages.push(stage);
  return stage;
}

async function planned({ context }: GitHubStage, parameters: object = PARAMETERS): Promise<Change> {
  const [change] = (await action.plan({ ...parameters }, context())).changes;
  if (change === undefined) throw new Error('no change');
  return change;
}

describeContract(action, {
  parameters: PARAMETERS,
  start: (clock) => githubStage({ tokens: TOKENS }, clock),
  hostile: [
    { ...PARAMETERS, organization: 'contoso/../fabrikam' },
    { ...PARAMETERS, organization: 'c'.repeat(4096) },
    { ...PARAMETERS, credential: 'github_pat_made-up' },
    { ...PARAMETERS, credential: 0 },
    { ...PARAMETERS, credential: 1.5 },
  ],
});

describe('revoking the access of a credential', () => {
  it('finds the grant by the id that the audit log names, and revokes no other', async () => {
    const stage = await github();
    const change = await planned(stage);
    expect(change.summary).toBe('Revoke the access of the fine-grained token 5001 of mia-contoso to contoso');
    await action.execute(change, stage.context());
    expect(stage.fake.tokens).toEqual(TOKENS.slice(1));
    expect(await action.verify(change, stage.context())).toEqual({ is: 'held' });
  });

  it('revokes the authorization of an SSH key', async () => {
    const stage = await github();
    const change = await planned(stage, SSO);
    expect(change.target.label).toBe('SSH key 900 of tom-contoso');
    await action.execute(change, stage.context());
    expect(stage.fake.authorizations).toEqual([]);
    expect(stage.fake.tokens).toEqual(TOKENS);
  });

  it('does not take access that was asked for and given again for the old', async () => {
    const stage = await github();
    const change = await planned(stage);
    await action.execute(change, stage.context());
    stage.fake.tokens.push({ id: 73, token_id: 5001, login: 'mia-contoso' });
    expect(await action.verify(change, stage.context())).toEqual({ is: 'held' });
    await action.execute(change, stage.context());
    expect(stage.fake.tokens).toHaveLength(2);
  });

  it('tells guards whose it is, and who owns the organization', async () => {
    const stage = await github({ owners: ['tom-contoso'] });
    const [mia, tom] = await Promise.all(
      [5001, 5002].map((credential) => action.plan({ organization: 'contoso', credential }, stage.context())),
    );
    expect(mia?.subjects).toMatchObject([{ keys: ['github-user:mia-contoso', 'mia-contoso'], privileged: [] }]);
    expect(tom?.subjects).toMatchObject([{ privileged: ['owns the organization contoso'] }]);
  });

  it('looks through all pages', async () => {
    const many = Array.from({ length: 250 }, (_, at) => ({
      credential_id: at + 1,
      credential_type: 'token',
      login: 'mia-contoso',
    }));
    const stage = await github({ authorizations: many });
    expect((await planned(stage, { ...SSO, credential: 249 })).target.id).toBe('github:contoso/sso-authorization/249');
  });

  it('says where a credential has no access', async () => {
    const stage = await github();
    await expect(planned(stage, { ...PARAMETERS, credential: 1 })).rejects.toMatchObject({ kind: 'absent' });
  });

  it('says what no token of a person can do', async () => {
    const stage = await github({ ownerToken: 'of-an-owner' });
    const context = stage.context('tokenVariable: OWNER', { OWNER: 'of-an-owner' });
    await expect(action.plan({ ...SSO }, context)).resolves.toMatchObject({ changes: [{ id: 'access' }] });
    const refused = await action.plan({ ...PARAMETERS }, context).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('Personal access tokens: write') as string,
    });
    expect(String(refused)).not.toContain('of-an-owner');
  });

  it.each([
    ['', {}, 'input', 'names no app'],
    ['tokenVariable: NONE', {}, 'failed', 'NONE'],
    ['app: { clientId: Iv1.contoso, keyVariable: NONE }', {}, 'failed', 'NONE'],
    ['app: { clientId: Iv1.contoso, keyVariable: BAD }', { BAD: 'no key' }, 'failed', 'no private key'],
  ])('says what of the configuration is missing: %s', async (settings, secrets, kind, message) => {
    const stage = await github();
    await expect(action.plan({ ...PARAMETERS }, stage.context(settings, secrets))).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message) as string,
    });
    expect(stage.fake.requests).toEqual([]);
  });

  it('is refused as another app', async () => {
    const stage = await github();
    const another = stage.context('app: { clientId: Iv1.fabrikam, keyVariable: GITHUB_KEY }');
    await expect(action.plan({ ...PARAMETERS }, another)).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it('waits where GitHub says with 403 that it is too much', async () => {
    const stage = await github();
    const change = await planned(stage);
    const answer = { status: 403, body: { message: 'You have exceeded a secondary rate limit.' } };
    stage.fake.fail({ when: ({ method, path }) => method === 'POST' && path.includes('personal'), answer });
    await expect(action.execute(change, stage.context())).rejects.toMatchObject({ kind: 'busy', retryAfter: 60_000 });
    await action.execute(change, stage.context());
    expect(stage.fake.tokens).toHaveLength(1);
  });
});
