import { ActionError } from '../../../../playbooks/contract/action-error.ts';
import { printable } from '../../../../platform/printable.ts';

/** Where a permission is given. */
export type ProbedService = 'Azure' | 'Microsoft Graph' | 'AWS' | 'Kubernetes' | 'Google Cloud' | 'other';

/** Whether the identity that asks has one permission. */
export interface Probe {
  readonly service: ProbedService;
  /** The scope, account, cluster or service. */
  readonly where: string;
  readonly permission: string;
  /** `unknown`: it could not be found out, which is no sign that it is there. */
  readonly is: 'granted' | 'missing' | 'unknown';
  /** Of `missing` and `unknown`, for people. */
  readonly why?: string | undefined;
}

const LONGEST_REASON = 300;

/** Why something could not be found out. Holds no secret. */
export function whyOf(error: unknown): string {
  const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown';
  return printable(text.slice(0, LONGEST_REASON));
}

/** Whether asking was refused, as against not answered. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ActionError && ['forbidden', 'input', 'absent', 'unsuitable'].includes(error.kind);
