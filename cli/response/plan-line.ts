import type { Residual } from '../../playbooks/contract/action.ts';
import { refusalOf, type Planned } from './plan-action.ts';
import { residualText } from './plan-page.ts';

/** A plan for machines: one object. */
export function planLine({ action, plan, parameters, guards, lasts, now, hash }: Planned): object {
  return {
    type: 'plan',
    action: action.name,
    title: action.title,
    parameters,
    hash,
    plan: { ...plan, residual: plan.residual.map((one) => residualLine(one, now)) },
    guards,
    refused: refusalOf({ guards }) !== undefined,
    permissions: action.permissions,
    reversibility: action.reversibility,
    lease: lasts === undefined || action.lease === undefined ? null : { lasts, until: isoTime(now + lasts) },
  };
}

/** What an attacker may still have, and until when. @param done when it was done, or would be: milliseconds since 1970-01-01T00:00:00Z */
export const residualLine = (residual: Residual, done: number): object => ({
  what: residual.what,
  until: residual.lasts === undefined ? null : isoTime(done + residual.lasts),
  text: residualText(residual, done),
});

const isoTime = (time: number): string => new Date(time).toISOString();
