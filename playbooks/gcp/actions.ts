import type { Action } from '../contract/action.ts';
import { disableServiceAccountKey } from './gcp-disable-service-account-key/gcp-disable-service-account-key.ts';

/** Actions of this folder. */
export const gcpActions: readonly Action[] = [disableServiceAccountKey];
