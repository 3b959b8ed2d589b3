import { z } from 'zod';
import { objectOf, textOf } from '../../../platform/json.ts';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan, type Verification } from '../../contract/action.ts';
import { plannedState } from '../../contract/planned-state.ts';
import { asked, unless, type RefusalWords } from '../../contract/refusal.ts';
import { googleIam } from '../google-client.ts';

const HOUR = 3_600_000;
/** https://cloud.google.com/iam/docs/keys-disable-enable */
const SPREADS = 10 * 60_000;

const keyOf = z.object({ serviceAccount: z.string(), key: z.string(), disabled: z.literal(true) });
type PlannedKey = z.infer<typeof keyOf>;

/** Stops one key of a service account from being used, until it is enabled again. */
export const disableServiceAccountKey = defineAction({
  name: 'gcp-disable-service-account-key',
  group: 'gcp',
  title: 'Disable a key of a Google Cloud service account',
  description:
    'Disables one key that a user made for a service account. The account and its other keys stay. Tokens that were had with the key go on until they end. A key that is disabled ' +
    'already is left as it is.',
  parameters: z.strictObject({
    serviceAccount: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9-]{0,62}@[a-z0-9][a-z0-9.-]{0,200}\.gserviceaccount\.com$/,
        'expected the address of a service account',
      )
      .describe('The service account, by its address.'),
    key: z
      .string()
      .regex(/^[0-9a-f]{40}$/, 'expected the id of a key: 40 digits of hex')
      .describe('The id of the key, as audit logs and its file name it.'),
  }),
  permissions: {
    gcp: [
      'iam.serviceAccountKeys.get',
      'iam.serviceAccountKeys.disable',
      'iam.serviceAccountKeys.enable',
      'iam.serviceAccounts.getAccessToken',
    ],
    notes: [
      'iam.serviceAccounts.getAccessToken is for the identity of the workload identity pool, on the service account that acts for Crosstrail, and on no other.',
      'roles/iam.serviceAccountKeyAdmin would also allow to make keys: use a custom role.',
    ],
  },
  reversibility: 'reversible',
  lease: { usual: 7 * 24 * HOUR, longest: 90 * 24 * HOUR },
  operations: ['google.iam.admin.v1.DisableServiceAccountKey', 'google.iam.admin.v1.EnableServiceAccountKey'],
  plan: async ({ serviceAccount, key }, context) => {
    const planned: PlannedKey = { serviceAccount, key, disabled: true };
    const state = await stateOf(planned, context);
    if (state === undefined) throw new ActionError('absent', `there is no key ${key} of ${serviceAccount}`);
    if (state.type === 'SYSTEM_MANAGED') {
      throw new ActionError('unsuitable', `Google itself keeps the key ${key}: disable the service account instead`);
    }
    return planOf(planned, state.disabled);
  },
  execute: (change, context) => set(change, context, true),
  verify: async (change, context): Promise<Verification> => {
    const planned = plannedState(keyOf, change);
    const state = await stateOf(planned, context);
    if (state === undefined) return { is: 'changed', why: `the key ${planned.key} was deleted since` };
    return { is: state.disabled ? 'held' : 'absent' };
  },
  undo: (change, context) => set(change, context, false),
});

/**
 * With the project where the address tells it: Google answers 403 in place of 404 for keys of no project.
 * https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.keys/disable
 */
function nameOf({ serviceAccount, key }: PlannedKey): string {
  const [, project = '-'] = /@([a-z][a-z0-9-]{4,28}[a-z0-9])\.iam\.gserviceaccount\.com$/.exec(serviceAccount) ?? [];
  return `projects/${project}/serviceAccounts/${serviceAccount}/keys/${key}`;
}

const wordsFor = ({ serviceAccount }: PlannedKey, verb: string): RefusalWords => ({
  service: 'Google Cloud',
  credential: 'Google did not accept the token: check response.gcp of the configuration',
  permission: `iam.serviceAccountKeys.${verb} is missing at ${serviceAccount}, or there is no such service account`,
});

interface KeyState {
  readonly disabled: boolean;
  readonly type: string | undefined;
}

async function stateOf(planned: PlannedKey, context: ActionContext): Promise<KeyState | undefined> {
  const path = `/v1/${nameOf(planned)}`;
  const request = googleIam(context).send({ method: 'GET', path, repeatable: true });
  const answer = await asked(unless(request, 404), wordsFor(planned, 'get'));
  if (answer === undefined) return undefined;
  const key = objectOf(answer.body);
  return { disabled: key?.['disabled'] === true, type: textOf(key?.['keyType']) };
}

async function set(change: Change, context: ActionContext, disabled: boolean): Promise<void> {
  const planned = plannedState(keyOf, change);
  const verb = disabled ? 'disable' : 'enable';
  const path = `/v1/${nameOf(planned)}:${verb}`;
  await asked(googleIam(context).send({ method: 'POST', path, body: {}, repeatable: true }), wordsFor(planned, verb));
}

function planOf(planned: PlannedKey, disabled: boolean): Plan {
  const { serviceAccount, key } = planned;
  const target = {
    kind: 'service account key',
    id: nameOf(planned),
    label: `${key.slice(0, 8)}… of ${serviceAccount}`,
  };
  return {
    target,
    changes: disabled
      ? []
      : [
          {
            id: 'key',
            holds: `gcp-disable-service-account-key|${target.id}|disabled`,
            summary: `Disable the key ${key} of ${serviceAccount}`,
            target,
            before: { disabled: false },
            after: { ...planned },
            undo: `Enable the key ${key} again`,
          },
        ],
    affects: disabled
      ? ['The key is disabled already, and is left as it is']
      : [`Whatever uses this key to act as ${serviceAccount}`],
    residual: [
      { what: 'The key, where Google has not heard of it yet', lasts: SPREADS },
      {
        what: 'Access tokens that were had with the key; up to 12 hours where the organization allows it',
        lasts: 12 * HOUR,
      },
      { what: 'Other keys of the service account, and whoever may impersonate it' },
    ],
    subjects: [
      { kind: 'principal', keys: [serviceAccount], label: serviceAccount, groups: [], privileged: [] },
      { kind: 'resource', key: nameOf(planned), label: target.label },
    ],
  };
}
