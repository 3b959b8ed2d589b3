import type { Action } from '../contract/action.ts';
import { revokeToken } from './github-revoke-token/github-revoke-token.ts';
import { suspendInstallation } from './github-suspend-installation/github-suspend-installation.ts';

/** Actions of this folder. */
export const githubActions: readonly Action[] = [revokeToken, suspendInstallation];
