import { arrayOf, isDeeperThan, objectOf, parseJson, type Json, type JsonObject } from '../../platform/json.ts';
import { ActionError } from '../contract/action-error.ts';
import type { Iam, ManagedPolicy } from './iam.ts';
import type { IamPrincipal } from './iam-principal.ts';
import { shown } from './shown.ts';

export interface Privilege {
  /** Why it is privileged, a reason each. */
  readonly privileged: readonly string[];
  /** ARNs. */
  readonly groups: readonly string[];
  /** What could not be read. */
  readonly unknown: string | undefined;
}

/** Policies of AWS by which everything can be done, or be given to oneself. Others of AWS are not read: there are some 1,200, and none of them allows all. */
const ADMINISTRATIVE = new Set(['AdministratorAccess', 'IAMFullAccess', 'PowerUserAccess']);
const OF_AWS = /^arn:aws[a-z-]*:iam::aws:policy\//;
const DEEPEST = 20;

/** Why a user or role is privileged, by its own policies and, of a user, those of its groups. Where they may not be read, that is said. */
export async function privilegeOf(iam: Iam, principal: IamPrincipal): Promise<Privilege> {
  const groups: string[] = [];
  const privileged: string[] = [];
  try {
    privileged.push(...(await ofManaged(iam, await iam.attached(principal), 'has')));
    for (const name of await iam.inlineNames(principal)) {
      const document = await iam.inline(principal, name);
      if (document !== undefined && allowsAll(document))
        privileged.push(`has the inline policy ${shown(name)}, which allows all`);
    }
    for (const group of principal.kind === 'user' ? await iam.groups(principal.name) : []) {
      groups.push(group.arn);
      const has = `is in the group ${shown(group.name)}, which has`;
      privileged.push(...(await ofManaged(iam, await iam.attachedToGroup(group.name), has)));
      if ((await iam.inlineOfGroup(group.name)).some(allowsAll)) {
        privileged.push(`${has} an inline policy that allows all`);
      }
    }
    return { privileged, groups, unknown: undefined };
  } catch (error) {
    if (!(error instanceof ActionError) || error.kind !== 'forbidden') throw error;
    return { privileged, groups, unknown: `its policies could not all be read: ${error.message}` };
  }
}

async function ofManaged(iam: Iam, policies: readonly ManagedPolicy[], has: string): Promise<string[]> {
  const reasons: string[] = [];
  for (const { arn, name } of policies) {
    if (OF_AWS.test(arn)) {
      if (ADMINISTRATIVE.has(name)) reasons.push(`${has} ${shown(name)}`);
      continue;
    }
    const document = await iam.document(arn);
    if (document !== undefined && allowsAll(document)) reasons.push(`${has} ${shown(name)}, which allows all`);
  }
  return reasons;
}

/**
 * Whether a policy allows everything, all of IAM, or everything but some, on all resources. A document that cannot be read counts as one that does.
 * @param text JSON as IAM keeps it
 */
export function allowsAll(text: string): boolean {
  const statements = statementsOf(text);
  if (statements === undefined) return true;
  return statements.some((statement) => {
    const { Effect, Action, NotAction, Resource, NotResource } = objectOf(statement) ?? {};
    if (Effect !== 'Allow') return false;
    const everywhere = NotResource !== undefined || listOf(Resource).includes('*');
    const everything = listOf(Action).some((action) => ['*', '*:*', 'iam:*'].includes(action.toLowerCase()));
    return everywhere && (everything || NotAction !== undefined);
  });
}

/** The statements of a policy, of which one alone may stand without a list. @returns undefined where it cannot be read */
export function statementsOf(text: string): readonly Json[] | undefined {
  const document = opened(text);
  return document && (arrayOf(document['Statement']) ?? [document['Statement'] ?? null]);
}

const listOf = (value: Json | undefined): string[] =>
  (arrayOf(value) ?? [value ?? null]).filter((item) => typeof item === 'string');

function opened(text: string): JsonObject | undefined {
  try {
    const document = parseJson(text);
    return isDeeperThan(document, DEEPEST) ? undefined : objectOf(document);
  } catch {
    return undefined;
  }
}
