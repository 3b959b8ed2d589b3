import type { Action } from './contract/action.ts';
import { awsActions } from './aws/actions.ts';
import { azureActions } from './azure/actions.ts';
import { entraActions } from './entra/actions.ts';
import { gcpActions } from './gcp/actions.ts';
import { githubActions } from './github/actions.ts';
import { kubernetesActions } from './kubernetes/actions.ts';
import { ticketsActions } from './tickets/actions.ts';

/** All actions, by name. A new one is a folder and a line in the `actions.ts` beside it. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  [
    ...azureActions,
    ...entraActions,
    ...awsActions,
    ...kubernetesActions,
    ...gcpActions,
    ...githubActions,
    ...ticketsActions,
  ].map((action) => [action.name, action]),
);
