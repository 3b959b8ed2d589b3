import { arrayOf } from '../../platform/json.ts';
import type { Transaction } from '../../platform/storage/transaction.ts';
import type { RecentWork } from './guards/guard.ts';
import { workRow } from './response-rows.ts';

/** More than so many no guard counts: as many as the configuration can allow. */
const MOST = 10_000;

/** What was done lately by an action. */
export async function recentWork(transaction: Transaction, action: string): Promise<RecentWork> {
  const row = await transaction.get(workRow(action));
  return { made: numbersOf(row?.['made']), failed: numbersOf(row?.['failed']) };
}

/** Notes what an action did: the changes it is about to make, or that it failed. */
export async function noteWork(
  transaction: Transaction,
  action: string,
  now: number,
  { made = 0, failed = 0 }: { readonly made?: number; readonly failed?: number },
): Promise<void> {
  const known = await recentWork(transaction, action);
  const times = (before: readonly number[], more: number): number[] =>
    [...before, ...Array<number>(more).fill(now)].slice(-MOST);
  transaction.put(workRow(action), { made: times(known.made, made), failed: times(known.failed, failed) });
}

const numbersOf = (value: unknown): number[] => (arrayOf(value) ?? []).filter((one) => typeof one === 'number');
