import { z } from 'zod';
import { objectOf, textOf } from '../../../platform/json.ts';
import { printable } from '../../../platform/printable.ts';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan, type Verification } from '../../contract/action.ts';
import { plannedState } from '../../contract/planned-state.ts';
import { asked, unless } from '../../contract/refusal.ts';
import { asApp, githubWords, HEADERS } from '../github-client.ts';

const HOUR = 3_600_000;
const WORDS = githubWords('of being its own app: no app suspends another');

const installationOf = z.object({ installation: z.int(), suspended: z.literal(true) });

/** Takes the access of one installation of the own GitHub App. */
export const suspendInstallation = defineAction({
  name: 'github-suspend-installation',
  group: 'github',
  title: 'Suspend an installation of your GitHub App',
  description:
    'Suspends one installation of the GitHub App of the configuration: its tokens no longer reach what belongs to the account. GitHub lets an app suspend its own installations only. To ' +
    'stop an app of somebody else, an owner of the organization suspends or uninstalls it in its settings. An installation that is suspended already is left as it is.',
  parameters: z.strictObject({
    installation: z.int().min(1).describe('The id of the installation.'),
  }),
  permissions: {
    others: ['GitHub: the private key of the app itself'],
    notes: ['The private key of an app may act for all its installations: keep it in Key Vault.'],
  },
  reversibility: 'reversible',
  lease: { usual: 24 * HOUR, longest: 30 * 24 * HOUR },
  operations: ['integration_installation.suspend', 'integration_installation.unsuspend'],
  plan: async ({ installation }, context) => {
    const state = await stateOf(installation, context);
    if (state === undefined) {
      throw new ActionError('absent', `the app of response.github has no installation ${installation}`);
    }
    return planOf(installation, state);
  },
  execute: (change, context) => set(change, context, 'PUT'),
  verify: async (change, context): Promise<Verification> => {
    const { installation } = plannedState(installationOf, change);
    const state = await stateOf(installation, context);
    if (state === undefined) return { is: 'changed', why: `the installation ${installation} was removed since` };
    return { is: state.suspended ? 'held' : 'absent' };
  },
  undo: (change, context) => set(change, context, 'DELETE'),
});

interface InstallationState {
  readonly suspended: boolean;
  /** Login of whose it is. */
  readonly account: string;
  readonly app: string;
}

/** https://docs.github.com/rest/apps/apps#get-an-installation-for-the-authenticated-app */
async function stateOf(installation: number, context: ActionContext): Promise<InstallationState | undefined> {
  const path = `/app/installations/${installation}`;
  const request = asApp(context).send({ method: 'GET', path, headers: HEADERS, repeatable: true });
  const answer = await asked(unless(request, 404), WORDS);
  if (answer === undefined) return undefined;
  const body = objectOf(answer.body);
  return {
    suspended: textOf(body?.['suspended_at']) !== undefined,
    account: printable((textOf(objectOf(body?.['account'])?.['login']) ?? 'an account').slice(0, 100)),
    app: printable((textOf(body?.['app_slug']) ?? 'the app').slice(0, 100)),
  };
}

/** https://docs.github.com/rest/apps/apps#suspend-an-app-installation */
async function set(change: Change, context: ActionContext, method: 'PUT' | 'DELETE'): Promise<void> {
  const { installation } = plannedState(installationOf, change);
  const path = `/app/installations/${installation}/suspended`;
  await asked(asApp(context).send({ method, path, headers: HEADERS, repeatable: true }), WORDS);
}

function planOf(installation: number, { suspended, account, app }: InstallationState): Plan {
  const id = `github:app/${app}/installations/${installation}`;
  const target = { kind: 'app installation', id, label: `${app} in ${account}` };
  return {
    target,
    changes: suspended
      ? []
      : [
          {
            id: 'installation',
            holds: `github-suspend-installation|${id}|suspended`,
            summary: `Suspend the installation ${installation} of ${app} in ${account}`,
            target,
            before: { suspended: false },
            after: { installation, suspended: true },
            undo: `Unsuspend the installation ${installation}; GitHub refuses where an owner of ${account} suspended it too`,
          },
        ],
    affects: suspended
      ? ['The installation is suspended already, and is left as it is']
      : [`Whatever ${app} does in ${account}`],
    residual: [
      { what: 'The private key and other installations of the app' },
      { what: 'Deploy keys and tokens that the app made, and what it read' },
    ],
    subjects: [
      {
        kind: 'principal',
        keys: [app, `${app}[bot]`, String(installation)],
        label: target.label,
        groups: [],
        privileged: [],
      },
    ],
  };
}
