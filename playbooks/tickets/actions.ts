import type { Action } from '../contract/action.ts';

/** Actions of this folder. */
export const ticketsActions: readonly Action[] = [];
