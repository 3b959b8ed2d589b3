import { afterEach, describe, expect, it } from 'vitest';
import { describeContract } from '../../../test/response/contract.ts';
import { githubStage, type GitHubStage } from '../../../test/response/github-stage.ts';
import { suspendInstallation as action } from './github-suspend-installation.ts';

const INSTALLATIONS = [
  { id: 42, login: 'contoso', suspended_at: null },
  { id: 43, login: 'fabrikam', suspended_at: '2026-11-01T00:00:00Z' },
];
const PARAMETERS = { installation: 42 };

const stages: GitHubStage[] = [];
afterEach(() => Promise.all(stages.splice(0).map(({ fake }) => fake.close())));
async function github(): Promise<GitHubStage> {
  const stage = await githubStage({ installations: INSTALLATIONS });
  stages.push(stage);
  return stage;
}

describeContract(action, {
  parameters: PARAMETERS,
  start: async (clock) => {
    const stage = await githubStage({ installations: INSTALLATIONS }, clock);
    return { ...stage, state: () => stage.fake.installations.map(({ suspended_at }) => suspended_at) };
  },
  hostile: [{ installation: '42/access_tokens' }, { installation: -1 }, { installation: 4.2 }, {}],
});

describe('suspending an installation', () => {
  it('tells guards which app loses what', async () => {
    const { subjects, changes } = await action.plan(PARAMETERS, (await github()).context());
    expect(subjects).toMatchObject([{ kind: 'principal', keys: ['contoso-builds', 'contoso-builds[bot]', '42'] }]);
    expect(changes[0]?.summary).toBe('Suspend the installation 42 of contoso-builds in contoso');
  });

  it('leaves one alone that is suspended already', async () => {
    const { changes } = await action.plan({ installation: 43 }, (await github()).context());
    expect(changes).toEqual([]);
  });

  it('refuses one of another app', async () => {
    await expect(action.plan({ installation: 7 }, (await github()).context())).rejects.toMatchObject({
      kind: 'absent',
    });
  });

  it('sees that it was uninstalled since', async () => {
    const stage = await github();
    const [change] = (await action.plan(PARAMETERS, stage.context())).changes;
    if (change === undefined) throw new Error('no change');
    stage.fake.fail({ answer: { status: 404, body: { message: 'Not Found' } } });
    expect(await action.verify(change, stage.context())).toMatchObject({ is: 'changed' });
  });

  it('says what GitHub forbids', async () => {
    const stage = await github();
    const [change] = (await action.plan(PARAMETERS, stage.context())).changes;
    if (change === undefined) throw new Error('no change');
    stage.fake.fail({
      when: ({ method }) => method === 'PUT',
      answer: { status: 403, body: { message: 'Forbidden' } },
    });
    await expect(action.execute(change, stage.context())).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('no app suspends another') as string,
    });
  });
});
