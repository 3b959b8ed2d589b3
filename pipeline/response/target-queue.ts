import { hashOf } from '../../playbooks/contract/hashes.ts';
import type { Plan } from '../../playbooks/contract/action.ts';
import { arrayOf, objectOf, textOf } from '../../platform/json.ts';
import type { Transaction } from '../../platform/storage/transaction.ts';
import { targetRow } from './response-rows.ts';

/** Who works on a target, or waits for it. */
export interface TargetUser {
  readonly response: string;
  readonly step: string;
}

/** The rows of all targets of a plan, in order. */
const targetsOf = (plan: Plan): string[] =>
  [...new Set([plan.target.id, ...plan.changes.map(({ target }) => target.id)])]
    .map((id) => hashOf(id).slice(0, 40))
    .sort();

/**
 * Joins the queues of all targets of a plan, at once, so that no two wait for each other.
 * @returns undefined where it is its turn at all of them; otherwise who is before it
 */
export async function enterTargets(
  transaction: Transaction,
  plan: Plan,
  user: TargetUser,
): Promise<TargetUser | undefined> {
  let before: TargetUser | undefined;
  for (const target of targetsOf(plan)) {
    const queue = await queueOf(transaction, target);
    const at = queue.findIndex((one) => isSame(one, user));
    if (at < 0) transaction.put(targetRow(target), { queue: [...queue, user] });
    if (at !== 0) before ??= queue[0];
  }
  return before;
}

/** Whether two plans wait in the same queues. */
export function haveSameTargets(one: Plan, other: Plan): boolean {
  const [ones, others] = [targetsOf(one), targetsOf(other)];
  return ones.length === others.length && ones.every((target, at) => target === others[at]);
}

/** Leaves the queues that it is in. @returns who comes next in these */
export async function leaveTargets(
  transaction: Transaction,
  plan: Plan,
  user: TargetUser,
): Promise<readonly TargetUser[]> {
  const next: TargetUser[] = [];
  for (const target of targetsOf(plan)) {
    const queue = await queueOf(transaction, target);
    const left = queue.filter((one) => !isSame(one, user));
    if (left.length === queue.length) continue;
    transaction.put(targetRow(target), left.length === 0 ? undefined : { queue: left });
    if (left[0] !== undefined) next.push(left[0]);
  }
  return next;
}

const isSame = (one: TargetUser, other: TargetUser): boolean =>
  one.response === other.response && one.step === other.step;

async function queueOf(transaction: Transaction, target: string): Promise<readonly TargetUser[]> {
  const row = await transaction.get(targetRow(target));
  return (arrayOf(row?.['queue']) ?? []).flatMap((one) => {
    const response = textOf(objectOf(one)?.['response']);
    const step = textOf(objectOf(one)?.['step']);
    return response === undefined || step === undefined ? [] : [{ response, step }];
  });
}
