import { arnKey, awsUniqueIdKey } from '../../pipeline/timeline/entity-keys.ts';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext, Subject, Target } from '../contract/action.ts';
import type { Iam } from './iam.ts';
import { privilegeOf } from './privilege.ts';
import { awsSession } from './session.ts';
import { shown } from './shown.ts';

/** A user or role of IAM. */
export interface IamPrincipal {
  readonly kind: 'user' | 'role';
  readonly arn: string;
  readonly account: string;
  readonly name: string;
}

const ARN = /^arn:aws[a-z-]*:iam::(\d{12}):(user|role)\/(?:.*\/)?([^/]+)$/;

/** @param arn of a user or role. @throws ActionError of kind `input` where it is none */
export function principalOf(arn: string): IamPrincipal {
  const [, account, kind, name] = ARN.exec(arn) ?? [];
  if (account === undefined || name === undefined || (kind !== 'user' && kind !== 'role')) {
    throw new ActionError('input', 'expected the ARN of an IAM user or role');
  }
  return { kind, arn, account, name };
}

/** A role that services of AWS own, or that Identity Center does: nobody else can edit it. @throws ActionError of kind `unsuitable`, with what to do instead */
export function refuseManagedRole({ kind, arn, name }: IamPrincipal): void {
  if (kind !== 'role') return;
  if (arn.includes(':role/aws-reserved/sso.amazonaws.com/')) {
    throw new ActionError(
      'unsuitable',
      `${name} belongs to IAM Identity Center and cannot be edited here. Remove the assignment or disable the user in Identity Center; sessions of the role go on until they end (up to 12 hours, as its permission set says), so attach a service control policy that denies all to the user's identitystore:UserId until then`,
    );
  }
  if (arn.includes(':role/aws-service-role/')) {
    throw new ActionError(
      'unsuitable',
      `${name} is linked to a service of AWS and cannot be edited. Contain what the service runs instead: stop the instance, function or task that uses it`,
    );
  }
}

/** A user or role that is there. */
export interface ExistingPrincipal {
  /** With its own ARN. */
  readonly principal: IamPrincipal;
  /** A later one of the same name has another. */
  readonly uniqueId: string;
}

/**
 * Makes sure that a user or role is there and is the one of that ARN, and can be changed. A role may be named without its path, as sessions name it: an account has one role of a name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 * @throws ActionError of kind `absent` or `unsuitable`
 */
export async function existing(iam: Iam, arn: string, context: ActionContext): Promise<ExistingPrincipal> {
  const asked = principalOf(arn);
  refuseManagedRole(asked);
  const { account, kind, name } = asked;
  const found = await iam.find(asked);
  if (found === undefined) throw new ActionError('absent', `there is no ${kind} ${name} in the account ${account}`);
  if (found.arn !== arn && !(kind === 'role' && withoutPath(found.arn) === arn)) {
    throw new ActionError('absent', `the ${kind} ${name} is ${shown(found.arn)}, not ${arn}`);
  }
  const principal = { ...asked, arn: found.arn };
  refuseManagedRole(principal);
  const { caller } = await awsSession(context, account);
  if (isOf(principal, caller)) {
    throw new ActionError(
      'unsuitable',
      `${name} is the ${kind} by which Crosstrail acts in ${account}: it would lock itself out`,
    );
  }
  return { principal, uniqueId: found.id };
}

/** @param caller an ARN; of somebody who took a role that of the session, which does not say the path of the role */
const isOf = ({ kind, arn, account, name }: IamPrincipal, caller: string): boolean =>
  kind === 'user' ? caller === arn : caller.includes(`:${account}:assumed-role/${name}/`);

const withoutPath = (arn: string): string => arn.replace(/:role\/(?:.*\/)?/, ':role/');

export const targetOf = ({ kind, arn, account, name }: IamPrincipal): Target => ({
  kind: `IAM ${kind}`,
  id: arn,
  label: `${name} (${account})`,
});

/** A user or role as guards ask of it: by which keys it is known, its groups, and why it is privileged. Reads only. */
export async function subjectOf(
  iam: Iam,
  principal: IamPrincipal,
  uniqueId: string,
  keys: readonly string[] = [],
): Promise<Subject> {
  const { kind, arn, name } = principal;
  const { privileged, groups, unknown } = await privilegeOf(iam, principal);
  return {
    kind: 'principal',
    keys: [arnKey(arn), awsUniqueIdKey(uniqueId), ...keys, arn, name, uniqueId],
    label: `${kind} ${name}`,
    groups,
    privileged,
    unknown,
  };
}
