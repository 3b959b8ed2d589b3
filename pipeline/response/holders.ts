/** Who holds what: two responses that want the same held share it, and it is taken back when the last one ends. */
import type { Change } from '../../playbooks/contract/action.ts';
import { hashOf } from '../../playbooks/contract/hashes.ts';
import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import type { Transaction } from '../../platform/storage/transaction.ts';
import { changeOf } from './response-body.ts';
import { askedRow, holdRow } from './response-rows.ts';
import type { Step } from './response.ts';

/** What a step asks for, by which another that asks the same finds what it holds. */
type Wish = Pick<Step, 'action' | 'parameters' | 'plan'>;

/** Who holds a change. */
export const holderOf = (response: string, step: string, change: string): string => `${response} ${step} ${change}`;
const responseOf = (holder: string): string => holder.split(' ')[0] ?? '';

/** Notes that a step holds a change. @param holder `holderOf` response, step and change */
export async function hold(transaction: Transaction, wish: Wish, change: Change, holder: string): Promise<void> {
  const row = rowOf(change.holds);
  const known = await transaction.get(row);
  const holders = holdersIn(known);
  if (!holders.includes(holder)) {
    // What the first one changed: whoever comes later finds it changed, and has nothing to take back of their own.
    transaction.put(row, { holders: [...holders, holder], change: known?.['change'] ?? change });
  }
  const asked = rowOfWish(wish);
  const rows = textsIn((await transaction.get(asked))?.['rows']);
  if (!rows.includes(row)) transaction.put(asked, { rows: [...rows, row] });
}

/** Notes that a step holds a change no more. @returns the ids of the responses that still hold it, and the change that first brought it about */
export async function release(
  transaction: Transaction,
  wish: Wish,
  change: Change,
  holder: string,
): Promise<{ readonly others: readonly string[]; readonly first: Change }> {
  const row = rowOf(change.holds);
  const known = await transaction.get(row);
  const others = holdersIn(known).filter((one) => one !== holder);
  if (known !== undefined) transaction.put(row, others.length === 0 ? undefined : { ...known, holders: others });
  const asked = rowOfWish(wish);
  const rows = textsIn((await transaction.get(asked))?.['rows']);
  const rest = others.length === 0 ? rows.filter((one) => one !== row) : rows;
  if (rest.length < rows.length) transaction.put(asked, rest.length === 0 ? undefined : { rows: rest });
  const first = objectOf(known?.['change']);
  return { others: others.map(responseOf), first: first === undefined ? change : changeOf(first) };
}

/** The changes that others hold who asked for the same: of what is done already, an action may plan nothing, and cannot know whether it was done by a response. */
export async function heldByOthers(transaction: Transaction, wish: Wish): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const row of textsIn((await transaction.get(rowOfWish(wish)))?.['rows'])) {
    const change = objectOf((await transaction.get(row))?.['change']);
    if (change !== undefined) changes.push(changeOf(change));
  }
  return changes;
}

const rowOf = (holds: string): string => holdRow(hashOf(holds).slice(0, 40));
const rowOfWish = ({ action, parameters, plan }: Wish): string =>
  askedRow(hashOf({ action, parameters, target: plan?.target.id ?? '' }).slice(0, 40));

const holdersIn = (row: JsonObject | undefined): readonly string[] => textsIn(row?.['holders']);
const textsIn = (value: Json | undefined): readonly string[] =>
  (arrayOf(value) ?? []).flatMap((one) => textOf(one) ?? []);
