import type { z } from 'zod';
import type { Action, ActionContext, Change, Residual } from '../contract/action.ts';
import { defineAction } from '../contract/action.ts';
import { ActionError } from '../contract/action-error.ts';
import type { IncidentTargets } from '../contract/incident-targets.ts';
import type { JsonObject } from '../../platform/json.ts';
import type { AwsStatement } from '../contract/permissions.ts';
import { SETTLE } from './iam-permissions.ts';
import { existing, principalOf, subjectOf, targetOf, type IamPrincipal } from './iam-principal.ts';
import { iamOf, type Iam } from './iam.ts';
import { deleteOurs, putOnce, refuseWhereFull, sameDocument } from './inline-policies.ts';

const HOUR = 3_600_000;
const POLICY = 'CrosstrailQuarantine';
const DOCUMENT = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Sid: POLICY, Effect: 'Deny', Action: '*', Resource: '*' }],
});
const isOurs = (document: string): boolean => sameDocument(document, DOCUMENT);

/** Where quarantining a user and a role differ. */
export interface QuarantineOf<P> {
  readonly kind: IamPrincipal['kind'];
  readonly title: string;
  readonly description: string;
  readonly parameters: z.ZodType<P>;
  readonly arnIn: (parameters: P) => string;
  readonly from: (targets: IncidentTargets) => readonly JsonObject[];
  readonly permissions: readonly AwsStatement[];
  readonly operations: readonly string[];
  readonly affects: (iam: Iam, principal: IamPrincipal) => Promise<readonly string[]>;
  readonly residual: readonly Residual[];
}

/** The action that denies everything to a user or a role, by an inline policy of a fixed name. */
export function quarantineAction<P extends object>(of: QuarantineOf<P>): Action {
  const name = `aws-quarantine-${of.kind}`;
  const at = async (change: Change, context: ActionContext) => {
    const principal = principalOf(change.target.id);
    return { principal, iam: await iamOf(context, principal.account) };
  };
  return defineAction<P>({
    name,
    group: 'aws',
    title: of.title,
    description: of.description,
    parameters: of.parameters,
    permissions: {
      aws: of.permissions,
      notes: [
        `Whoever may put policies on any ${of.kind} may give it any right: keep the resources of this statement to the ${of.kind}s that responses may touch, or hold the role back with a permissions boundary.`,
      ],
    },
    reversibility: 'reversible',
    lease: { usual: 24 * HOUR, longest: 30 * 24 * HOUR },
    settle: SETTLE,
    from: of.from,
    operations: of.operations,
    plan: async (parameters, context) => {
      const arn = of.arnIn(parameters);
      const iam = await iamOf(context, principalOf(arn).account);
      const { principal, uniqueId } = await existing(iam, arn, context);
      const standing = await iam.inline(principal, POLICY);
      if (standing !== undefined && !isOurs(standing)) {
        throw new ActionError(
          'unsuitable',
          `${of.kind} ${principal.name} has an inline policy ${POLICY} that says something else: rename or delete it first`,
        );
      }
      await refuseWhereFull(iam, principal, POLICY, DOCUMENT);
      return {
        target: targetOf(principal),
        changes: [changeOf(name, principal)],
        affects: await of.affects(iam, principal),
        residual: of.residual,
        subjects: [await subjectOf(iam, principal, uniqueId)],
      };
    },
    execute: async (change, context) => {
      const { principal, iam } = await at(change, context);
      await putOnce(iam, context, principal, { name: POLICY, document: DOCUMENT, isOurs });
    },
    verify: async (change, context) => {
      const { principal, iam } = await at(change, context);
      const standing = await iam.inline(principal, POLICY);
      if (standing === undefined) return { is: 'absent' };
      if (isOurs(standing)) return { is: 'held' };
      return { is: 'changed', why: `the policy ${POLICY} of ${principal.name} says something else now` };
    },
    undo: async (change, context) => {
      const { principal, iam } = await at(change, context);
      await deleteOurs(iam, context, principal, { name: POLICY, isOurs });
    },
  });
}

/** Before, it has no such policy: where one of the same name and text stands, another response put it there and shares it. */
const changeOf = (action: string, principal: IamPrincipal): Change => ({
  id: principal.kind,
  holds: `${action}|${principal.arn}|deny all`,
  summary: `Deny everything to the ${principal.kind} ${principal.name} of ${principal.account} by the inline policy ${POLICY}`,
  target: targetOf(principal),
  before: null,
  after: { policy: POLICY, document: DOCUMENT },
  undo: `Delete the inline policy ${POLICY} of ${principal.name}`,
});
