import { z } from 'zod';
import { objectOf } from '../../../platform/json.ts';
import type { RestClient } from '../../../platform/rest/rest-client.ts';
import { githubUserKey } from '../../../pipeline/timeline/entity-keys.ts';
import { printable } from '../../../platform/printable.ts';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type Plan, type Verification } from '../../contract/action.ts';
import { plannedState } from '../../contract/planned-state.ts';
import { asked, unless } from '../../contract/refusal.ts';
import { asOrganization, githubWords, HEADERS } from '../github-client.ts';
import {
  CREDENTIAL_KINDS,
  CREDENTIAL_PERMISSIONS,
  findGrant,
  revokeGrant,
  type CredentialPlace,
  type Grant,
} from './credentials.ts';

const grantOf = z.object({
  organization: z.string(),
  kind: z.enum(CREDENTIAL_KINDS),
  credential: z.int(),
  grant: z.int(),
});

/** Ends what a credential may do in an organization, without anybody handling the credential. */
export const revokeToken = defineAction({
  name: 'github-revoke-token',
  group: 'github',
  title: 'Revoke the access of a GitHub token to an organization',
  description:
    'Ends the access that a fine-grained personal access token was given to an organization, or the single sign-on authorization of a classic token or SSH key (Enterprise Cloud). The ' +
    'credential itself goes on outside of the organization: to end it everywhere GitHub wants to be given the secret, which no plan may hold. Classic tokens of an organization ' +
    'without single sign-on cannot be ended by it. This cannot be undone: the owner asks for access again.',
  parameters: z.strictObject({
    organization: z
      .string()
      .regex(/^[a-z\d](?:[a-z\d-]{0,37}[a-z\d])?$/i, 'expected the login of an organization')
      .transform((login) => login.toLowerCase())
      .describe('The organization, by its login.'),
    kind: z
      .enum(CREDENTIAL_KINDS)
      .default('fine-grained')
      .describe('A fine-grained token, or a single sign-on authorization of a classic token or SSH key.'),
    credential: z
      .int()
      .min(1)
      .describe(
        'The id of the credential: token_id of the audit log, or credential_id of the authorization. Never the token.',
      ),
  }),
  permissions: {
    others: [...CREDENTIAL_PERMISSIONS, 'GitHub: organization, Members: read'],
    notes: ['GitHub lets apps only see and revoke fine-grained tokens: no token of a person can.'],
  },
  reversibility: 'irreversible',
  lease: undefined,
  operations: ['personal_access_token.access_revoked', 'org_credential_authorization.revoke'],
  plan: async (place, context) => {
    const github = asOrganization(place.organization, context);
    const grant = await findGrant(github, place);
    if (grant === undefined) {
      throw new ActionError('absent', `the credential ${place.credential} has no access to ${place.organization}`);
    }
    return planOf(place, grant, await isOwner(github, place.organization, grant.owner));
  },
  execute: async (change, context) => {
    const planned = plannedState(grantOf, change);
    await revokeGrant(asOrganization(planned.organization, context), planned, planned.grant);
  },
  verify: async (change, context): Promise<Verification> => {
    const planned = plannedState(grantOf, change);
    const found = await findGrant(asOrganization(planned.organization, context), planned);
    return { is: found?.id === planned.grant ? 'absent' : 'held' };
  },
});

/** https://docs.github.com/rest/orgs/members#get-organization-membership-for-a-user */
async function isOwner(github: RestClient, organization: string, login: string): Promise<boolean> {
  const path = `/orgs/${organization}/memberships/${encodeURIComponent(login)}`;
  const request = github.send({ method: 'GET', path, headers: HEADERS, repeatable: true });
  const membership = await asked(unless(request, 404), githubWords('Members: read'));
  return objectOf(membership?.body)?.['role'] === 'admin';
}

function planOf(place: CredentialPlace, { id, owner, what }: Grant, owns: boolean): Plan {
  const { organization, kind, credential } = place;
  const login = printable(owner.slice(0, 100));
  const label = `${printable(what.slice(0, 40))} ${credential} of ${login}`;
  const target = { kind: 'credential', id: `github:${organization}/${kind}/${id}`, label };
  return {
    target,
    changes: [
      {
        id: 'access',
        holds: `github-revoke-token|${target.id}|access`,
        summary: `Revoke the access of the ${label} to ${organization}`,
        target,
        before: { access: true, owner },
        after: { organization, kind, credential, grant: id },
        undo: undefined,
      },
    ],
    affects: [`Whatever ${login} runs with this credential in ${organization}`],
    residual: [
      { what: 'The credential itself, outside of the organization and for what is public in it' },
      { what: 'Other credentials of its owner' },
      { what: 'What was cloned, and keys and secrets that were read' },
    ],
    subjects: [
      {
        kind: 'principal',
        keys: [githubUserKey(owner), owner],
        label: login,
        groups: [],
        privileged: owns ? [`owns the organization ${organization}`] : [],
      },
    ],
  };
}
