import type { Action } from '../contract/action.ts';
import { isolatePod } from './k8s-isolate-pod/k8s-isolate-pod.ts';

/** Actions of this folder. */
export const kubernetesActions: readonly Action[] = [isolatePod];
