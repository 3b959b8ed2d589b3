import type { Action } from '../contract/action.ts';

/** Actions of this folder. */
export const azureActions: readonly Action[] = [];
