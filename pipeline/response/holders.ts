import { hashOf } from '../../playbooks/contract/hashes.ts';
import { arrayOf, textOf } from '../../platform/json.ts';
import type { Transaction } from '../../platform/storage/transaction.ts';
import { holdRow } from './response-rows.ts';

/** Notes that a step holds something. @param holder response and step */
export async function hold(transaction: Transaction, holds: string, holder: string): Promise<void> {
  const row = rowOf(holds);
  const holders = await holdersOf(transaction, row);
  if (!holders.includes(holder)) transaction.put(row, { holds, holders: [...holders, holder] });
}

/** Notes that a step holds something no more. @returns who still holds it */
export async function release(transaction: Transaction, holds: string, holder: string): Promise<readonly string[]> {
  const row = rowOf(holds);
  const holders = await holdersOf(transaction, row);
  const left = holders.filter((one) => one !== holder);
  if (left.length < holders.length) transaction.put(row, left.length === 0 ? undefined : { holds, holders: left });
  return left;
}

const rowOf = (holds: string): string => holdRow(hashOf(holds).slice(0, 40));

const holdersOf = async (transaction: Transaction, row: string): Promise<readonly string[]> =>
  (arrayOf((await transaction.get(row))?.['holders']) ?? []).flatMap((one) => textOf(one) ?? []);
