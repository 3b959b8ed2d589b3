import type { Action } from '../contract/action.ts';
import { cordonNode } from './k8s-cordon-node/k8s-cordon-node.ts';
import { isolatePod } from './k8s-isolate-pod/k8s-isolate-pod.ts';
import { removeRoleBindingSubject } from './k8s-remove-role-binding-subject/k8s-remove-role-binding-subject.ts';
import { revokeServiceAccountTokens } from './k8s-revoke-service-account-tokens/k8s-revoke-service-account-tokens.ts';

/** Actions of this folder. */
export const kubernetesActions: readonly Action[] = [
  isolatePod,
  removeRoleBindingSubject,
  revokeServiceAccountTokens,
  cordonNode,
];
