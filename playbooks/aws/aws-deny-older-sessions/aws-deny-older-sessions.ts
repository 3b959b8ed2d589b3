import { z } from 'zod';
import { arrayOf, objectOf, parseJson, textOf, type Json } from '../../../platform/json.ts';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan } from '../../contract/action.ts';
import { iamArnParameter } from '../../contract/parameters.ts';
import { onRoles, ROLE_READS, SETTLE } from '../iam-permissions.ts';
import { existing, principalOf, subjectOf, targetOf } from '../iam-principal.ts';
import { iamOf } from '../iam.ts';
import { deleteOurs, putOnce, refuseWhereFull, sameDocument } from '../inline-policies.ts';

const HOUR = 3_600_000;
const PREFIX = 'CrosstrailDenyOlderSessions-';
const STEP_DIGITS = 12;

/**
 * Denies everything to sessions of a role that were begun before the moment of the execution.
 *
 * The moment is not in the plan, or the plan would be another each time and no approval could be bound to it. It is taken when the policy is written and read back from the policy; the policy's name is made of the
 * step, which stays the same however often the step is tried. So each response has a policy of its own: a later one, about later sessions, does not take that of an earlier for its own.
 */
export const awsDenyOlderSessions = defineAction({
  name: 'aws-deny-older-sessions',
  group: 'aws',
  title: 'Deny the sessions of an IAM role that exist',
  description:
    'Puts an inline policy on the role that denies everything to sessions begun before now (aws:TokenIssueTime). All who use the role are affected: people and workloads must take it again. The role can be taken again by whoever its trust policy lets, an attacker too: close the way in as well. Sessions of other roles that were taken from this one go on for up to an hour. Access keys of users carry no such time, and are not affected. Sessions last 12 hours at most, so after that the policy has nothing left to deny. Roles of IAM Identity Center (AWSReservedSSO_…) and of services cannot be edited.',
  parameters: z.strictObject({ role: iamArnParameter('role').describe('The ARN of the role.') }),
  permissions: {
    aws: [onRoles('iam:PutRolePolicy', 'iam:DeleteRolePolicy'), ...ROLE_READS],
    notes: [
      'Whoever may put policies on any role may give it any right: keep the resources of this statement to the roles that responses may touch, or hold the role back with a permissions boundary.',
    ],
  },
  reversibility: 'reversible',
  lease: { usual: 13 * HOUR, longest: 36 * HOUR },
  settle: SETTLE,
  from: ({ awsRoles }) => awsRoles.map((role) => ({ role })),
  operations: ['PutRolePolicy', 'DeleteRolePolicy'],
  plan: ({ role }, context) => plan(role, context),
  execute: async (change, context) => {
    const principal = principalOf(change.target.id);
    const iam = await iamOf(context, principal.account);
    // The time of a session has whole seconds: one of this very second is older too.
    const moment = new Date((Math.floor(context.clock.now() / 1000) + 1) * 1000);
    await putOnce(iam, context, principal, {
      name: policyIn(change),
      document: documentOf(moment),
      isOurs: (document) => momentIn(document) !== undefined,
    });
  },
  verify: async (change, context) => {
    const principal = principalOf(change.target.id);
    const standing = await (await iamOf(context, principal.account)).inline(principal, policyIn(change));
    if (standing === undefined) return { is: 'absent' };
    const moment = momentIn(standing);
    const began = context.incident?.firstSeen;
    if (moment !== undefined && (began === undefined || moment.getTime() >= began)) {
      return { is: 'held', note: `sessions begun before ${moment.toISOString()} are denied` };
    }
    return { is: 'changed', why: `the policy ${policyIn(change)} of ${principal.name} says something else now` };
  },
  undo: async (change, context) => {
    const principal = principalOf(change.target.id);
    await deleteOurs(await iamOf(context, principal.account), context, principal, {
      name: policyIn(change),
      isOurs: (document) => momentIn(document) !== undefined,
    });
  },
});

async function plan(role: string, context: ActionContext): Promise<Plan> {
  const iam = await iamOf(context, principalOf(role).account);
  const { principal, uniqueId } = await existing(iam, role, context);
  const { name, account, arn } = principal;
  const policy = `${PREFIX}${context.step.slice(0, STEP_DIGITS)}`;
  await refuseWhereFull(iam, principal, policy, documentOf(new Date(0)));
  const target = targetOf(principal);
  return {
    target,
    changes: [
      {
        id: 'sessions',
        holds: `aws-deny-older-sessions|${arn}|${policy}`,
        summary: `Deny everything to sessions of the role ${name} of ${account} that were begun before this is executed, by the inline policy ${policy}`,
        target,
        before: null,
        after: {
          policy,
          effect: 'Deny',
          action: '*',
          resource: '*',
          condition: 'DateLessThan aws:TokenIssueTime, the moment of the execution',
        },
        undo: `Delete the inline policy ${policy} of ${name}`,
      },
    ],
    affects: [
      `All people who use the role ${name} must take it again`,
      `Instances, functions and tasks that run as ${name} are denied until they are given new credentials, which may take hours: restart them`,
    ],
    residual: [
      { what: 'Requests of the next seconds, until the policy is everywhere', lasts: 60_000 },
      { what: 'Sessions of other roles that were taken from this one, until they end', lasts: HOUR },
      { what: `Whoever the trust policy of ${name} lets can take it again` },
    ],
    subjects: [await subjectOf(iam, principal, uniqueId)],
  };
}

function policyIn({ after }: Change): string {
  const policy = textOf(objectOf(after)?.['policy']);
  if (policy?.startsWith(PREFIX) === true) return policy;
  throw new ActionError('failed', 'the change names no policy of this action');
}

/** The moment stands in the policy twice, so that a policy of which somebody moved the time is not taken for ours. */
const documentOf = (moment: Date): string => {
  const time = moment.toISOString();
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: `CrosstrailBefore${time.replace(/\D/g, '')}`,
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { DateLessThan: { 'aws:TokenIssueTime': time } },
      },
    ],
  });
};

/** The moment of a policy that this action wrote; undefined of any other. */
function momentIn(document: string): Date | undefined {
  const statement = objectOf(arrayOf(objectOf(opened(document))?.['Statement'])?.[0]);
  const condition = objectOf(objectOf(statement?.['Condition'])?.['DateLessThan']);
  const time = Date.parse(textOf(condition?.['aws:TokenIssueTime']) ?? '');
  if (Number.isNaN(time)) return undefined;
  const moment = new Date(time);
  return sameDocument(document, documentOf(moment)) ? moment : undefined;
}

function opened(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
