import { createHash } from 'node:crypto';
import type { Json } from '../../platform/json.ts';
import type { Plan } from './action.ts';

/** JSON with the members of objects in order of name, so that the same value is always the same text (RFC 8785, as far as it is needed for texts and whole numbers). */
export function canonicalJson(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 of a value, in hex. */
export const hashOf = (value: Json): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

/** What a step is known by, so that it is done once: of action, immutable target, parameters and incident. 32 digits of hex. */
export const stepIdOf = (step: {
  readonly action: string;
  readonly target: string;
  readonly parameters: Json;
  readonly incident: string;
}): string => hashOf({ ...step }).slice(0, 32);

/** What an approval is bound to: all that would be changed, and in whom it would be. Texts for people do not count. */
export const planHashOf = (
  plans: readonly { readonly action: string; readonly parameters: Json; readonly plan: Plan }[],
): string =>
  hashOf(
    plans.map(({ action, parameters, plan: { target, changes } }) => ({
      action,
      parameters,
      target: target.id,
      changes: changes.map(({ id, holds, target: of, before, after }) => ({ id, holds, target: of.id, before, after })),
    })),
  );
