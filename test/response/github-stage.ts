import { generateKeyPairSync } from 'node:crypto';
import { FakeGitHubOrganization, type FakeGitHubOrganizationOptions } from '../../local/fakes/github-organization.ts';
import type { ActionContext } from '../../playbooks/contract/action.ts';
import type { Clock } from '../../platform/clock.ts';
import { actionContext } from './action-context.ts';
import { HurriedClock } from './hurried-clock.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const CLIENT_ID = 'Iv1.contoso';

export interface GitHubStage {
  readonly fake: FakeGitHubOrganization;
  readonly fakes: readonly FakeGitHubOrganization[];
  readonly context: (settings?: string, secrets?: Readonly<Record<string, string>>) => ActionContext;
}

/** The organization `contoso` of GitHub that listens, and how actions reach it: as an app, unless told. */
export async function githubStage(
  options: Partial<FakeGitHubOrganizationOptions>,
  clock: Clock = new HurriedClock(),
): Promise<GitHubStage> {
  const fake = new FakeGitHubOrganization({ login: 'contoso', app: { clientId: CLIENT_ID, publicKey }, ...options });
  await fake.listen();
  // In one line, as what passes variables on may write it.
  const GITHUB_KEY = String(privateKey.export({ type: 'pkcs1', format: 'pem' })).replaceAll('\n', '\\n');
  return {
    fake,
    fakes: [fake],
    context: (settings = `app: { clientId: ${CLIENT_ID}, keyVariable: GITHUB_KEY }`, secrets = {}) => {
      const configuration = `response: { github: { base: '${fake.url}', ${settings} } }`;
      return actionContext({ configuration, clock, secrets: { GITHUB_KEY, ...secrets } });
    },
  };
}
