import { z } from 'zod';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan } from '../../contract/action.ts';
import { iamArnParameter } from '../../contract/parameters.ts';
import { objectOf } from '../../../platform/json.ts';
import { onRoles, onUsers, ROLE_READS, SETTLE, USER_READS } from '../iam-permissions.ts';
import { existing, principalOf, subjectOf, targetOf, type IamPrincipal } from '../iam-principal.ts';
import { iamOf, type Iam } from '../iam.ts';
import { deleteOurs } from '../inline-policies.ts';
import { statementsOf } from '../privilege.ts';
import { shown } from '../shown.ts';
import { untilSeen } from '../until-seen.ts';

const HOUR = 3_600_000;
/** What other actions of this folder put there is not taken away. */
const OURS = /^Crosstrail(?:Quarantine$|DenyOlderSessions-)/;

const parameters = z.strictObject({
  principal: z
    .union([iamArnParameter('user'), iamArnParameter('role')], 'expected the ARN of an IAM user or role')
    .describe('The ARN of the user or role.'),
  inline: z.boolean().default(true).describe('Whether its inline policies are taken away too.'),
});

/** What a change took away, and the unique id of whom it was taken from: whoever has the name later is not given it. */
const policyState = z.union([
  z.object({ of: z.string(), managed: z.string() }),
  z.object({ of: z.string(), inline: z.string(), document: z.string() }),
]);
type PolicyState = z.infer<typeof policyState>;

/** Takes all policies from a user or role of IAM, and gives back exactly those. */
export const awsDetachPolicies = defineAction({
  name: 'aws-detach-policies',
  group: 'aws',
  title: 'Detach the policies of an IAM user or role',
  description:
    'Detaches the managed policies of the user or role and deletes its inline policies, whose documents are kept word for word in the plan. Taking back restores each that nobody has put in its place meanwhile. Permissions from groups, resource policies and role trust stay; so does a permissions boundary. A denial is stronger and simpler: quarantine first. Roles of IAM Identity Center (AWSReservedSSO_…) and of services cannot be edited: change the permission set or the assignment instead.',
  parameters,
  permissions: {
    aws: [
      onUsers('iam:DetachUserPolicy', 'iam:AttachUserPolicy', 'iam:DeleteUserPolicy', 'iam:PutUserPolicy'),
      onRoles('iam:DetachRolePolicy', 'iam:AttachRolePolicy', 'iam:DeleteRolePolicy', 'iam:PutRolePolicy'),
      ...USER_READS,
      ...ROLE_READS.slice(0, 1),
    ],
    notes: [
      'Whoever may attach policies to any user or role may give it any right: limit the resources, and the policies by the condition iam:PolicyARN.',
    ],
  },
  reversibility: 'reversible',
  lease: { usual: 24 * HOUR, longest: 30 * 24 * HOUR },
  settle: SETTLE,
  from: ({ awsUsers, awsRoles }) => [...awsUsers, ...awsRoles].map((principal) => ({ principal })),
  operations: [
    ...['DetachUserPolicy', 'AttachUserPolicy', 'DeleteUserPolicy', 'PutUserPolicy'],
    ...['DetachRolePolicy', 'AttachRolePolicy', 'DeleteRolePolicy', 'PutRolePolicy'],
  ],
  plan,
  execute: async (change, context) => {
    const { iam, principal, policy } = await at(change, context);
    if ('managed' in policy) {
      if (!(await hasManaged(iam, principal, policy.managed))) return;
      await iam.detach(principal, policy.managed);
      await untilSeen(context, async () => !(await hasManaged(iam, principal, policy.managed)));
      return;
    }
    const { inline: name, document } = policy;
    await deleteOurs(iam, context, principal, { name, isOurs: (standing) => standing === document });
  },
  verify: async (change, context) => {
    const { iam, principal, policy } = await at(change, context);
    if ((await iam.find(principal))?.id !== policy.of) return { is: 'changed', why: replaced(principal) };
    if ('managed' in policy) return { is: (await hasManaged(iam, principal, policy.managed)) ? 'absent' : 'held' };
    const standing = await iam.inline(principal, policy.inline);
    if (standing === undefined) return { is: 'held' };
    if (standing === policy.document) return { is: 'absent' };
    const why = `somebody put another policy ${shown(policy.inline)} on ${principal.name}`;
    return { is: 'changed', why };
  },
  undo: async (change, context) => {
    const { iam, principal, policy } = await at(change, context);
    if ((await iam.find(principal))?.id !== policy.of) throw new ActionError('absent', replaced(principal));
    if ('managed' in policy) {
      if (await hasManaged(iam, principal, policy.managed)) return;
      await iam.attach(principal, policy.managed);
      await untilSeen(context, () => hasManaged(iam, principal, policy.managed));
      return;
    }
    const { inline: name, document } = policy;
    const standing = await iam.inline(principal, name);
    if (standing === document) return;
    if (standing !== undefined) {
      throw new ActionError(
        'conflict',
        `somebody put another policy ${shown(name)} on ${principal.name}: it is left as it is`,
      );
    }
    await iam.putInline(principal, name, document);
    await untilSeen(context, async () => (await iam.inline(principal, name)) !== undefined);
  },
});

async function plan({ principal: arn, inline }: z.infer<typeof parameters>, context: ActionContext): Promise<Plan> {
  const iam = await iamOf(context, principalOf(arn).account);
  const { principal, uniqueId: of } = await existing(iam, arn, context);
  const policies: PolicyState[] = (await iam.attached(principal)).map((policy) => ({ of, managed: policy.arn }));
  for (const name of inline ? await iam.inlineNames(principal) : []) {
    const document = await iam.inline(principal, name);
    if (document === undefined || (OURS.test(name) && onlyDenies(document))) continue;
    policies.push({ of, inline: name, document });
  }
  const groups = principal.kind === 'user' ? await iam.groups(principal.name) : [];
  return {
    target: targetOf(principal),
    changes: policies.map((policy) => changeOf(principal, policy)),
    affects: [
      policies.length === 0
        ? `The ${principal.kind} ${principal.name} has no policies of its own to detach`
        : `All that runs as the ${principal.kind} ${principal.name} and needs these policies`,
    ],
    residual: [
      { what: 'Requests of the next seconds, until the change is everywhere', lasts: 60_000 },
      ...(groups.length === 0
        ? []
        : [{ what: `Permissions of the groups it is in: ${groups.map(({ name }) => shown(name)).join(', ')}` }]),
      { what: 'What resource policies and trust policies of other accounts and roles allow it' },
    ],
    subjects: [await subjectOf(iam, principal, of)],
  };
}

function changeOf(principal: IamPrincipal, policy: PolicyState): Change {
  const { kind, name, account, arn } = principal;
  const isManaged = 'managed' in policy;
  const called = shown(isManaged ? policy.managed : policy.inline);
  const id = isManaged ? `managed:${policy.managed}` : `inline:${policy.inline}`;
  return {
    id,
    holds: `aws-detach-policies|${arn}|${id}`,
    summary: isManaged
      ? `Detach ${called} from the ${kind} ${name} of ${account}`
      : `Delete the inline policy ${called} of the ${kind} ${name} of ${account}, whose document is kept`,
    target: targetOf(principal),
    before: policy,
    after: null,
    undo: isManaged
      ? `Attach ${called} to ${name} again`
      : `Put the inline policy ${called} on ${name} again, word for word`,
  };
}

/** Whether nothing is allowed by a policy; one that cannot be read may allow. */
function onlyDenies(document: string): boolean {
  const statements = statementsOf(document);
  return statements?.every((statement) => objectOf(statement)?.['Effect'] === 'Deny') ?? false;
}

const replaced = ({ kind, name, account }: IamPrincipal): string =>
  `the ${kind} ${name} of ${account} that had the policies is gone; another may have its name`;

async function at({ target, before }: Change, context: ActionContext) {
  const policy = policyState.safeParse(before);
  if (!policy.success) throw new ActionError('failed', 'the change is not one of a policy');
  const principal = principalOf(target.id);
  return { principal, policy: policy.data, iam: await iamOf(context, principal.account) };
}

const hasManaged = async (iam: Iam, principal: IamPrincipal, policy: string): Promise<boolean> =>
  (await iam.attached(principal)).some(({ arn }) => arn === policy);
