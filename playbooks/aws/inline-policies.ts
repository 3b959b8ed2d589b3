import { parseJson, type Json } from '../../platform/json.ts';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';
import { canonicalJson } from '../contract/hashes.ts';
import type { Iam } from './iam.ts';
import type { IamPrincipal } from './iam-principal.ts';
import { untilSeen } from './until-seen.ts';

/**
 * How long all inline policies of one may be together, white space left out.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const LIMITS = { user: 2_048, role: 10_240 } as const;

const sizeOf = (document: string): number => document.replace(/\s/g, '').length;

/** Whether two documents say the same, however they are written. */
export function sameDocument(one: string, other: string): boolean {
  const [first, second] = [opened(one), opened(other)];
  if (first === undefined || second === undefined) return one === other;
  return canonicalJson(first) === canonicalJson(second);
}

/** @throws ActionError of kind `unsuitable` where there is no room for one more inline policy */
export async function refuseWhereFull(
  iam: Iam,
  principal: IamPrincipal,
  policy: string,
  document: string,
): Promise<void> {
  let size = sizeOf(document);
  for (const name of await iam.inlineNames(principal)) {
    if (name !== policy) size += sizeOf((await iam.inline(principal, name)) ?? '');
  }
  const { kind, name } = principal;
  if (size <= LIMITS[kind]) return;
  throw new ActionError(
    'unsuitable',
    `the inline policies of ${kind} ${name} would be ${size} characters long, and no more than ${LIMITS[kind]} are allowed: detach what it has with aws-detach-policies, or attach a service control policy that denies all`,
  );
}

/** Puts an inline policy where it is not there yet, and waits until it is read back. */
export async function putOnce(
  iam: Iam,
  context: ActionContext,
  principal: IamPrincipal,
  policy: { readonly name: string; readonly document: string; readonly isOurs: (document: string) => boolean },
): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const found = await iam.inline(principal, policy.name);
    return found !== undefined && policy.isOurs(found);
  };
  if (await isThere()) return;
  await iam.putInline(principal, policy.name, policy.document);
  await untilSeen(context, isThere);
}

/** Deletes an inline policy of ours. @throws ActionError of kind `conflict` where somebody else changed it */
export async function deleteOurs(
  iam: Iam,
  context: ActionContext,
  principal: IamPrincipal,
  policy: { readonly name: string; readonly isOurs: (document: string) => boolean },
): Promise<void> {
  const found = await iam.inline(principal, policy.name);
  if (found === undefined) return;
  if (!policy.isOurs(found)) {
    throw new ActionError(
      'conflict',
      `${policy.name} of ${principal.name} was changed by somebody else since: it is left as it is`,
    );
  }
  await iam.deleteInline(principal, policy.name);
  await untilSeen(context, async () => (await iam.inline(principal, policy.name)) === undefined);
}

function opened(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
