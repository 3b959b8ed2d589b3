import { z } from 'zod';
import { textOf, type Json } from '../../platform/json.ts';
import { printable } from '../../platform/printable.ts';
import { ActionError } from '../contract/action-error.ts';
import type { Change, Target } from '../contract/action.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LONGEST_LABEL = 120;

/** A GUID in lower case, as filters and paths may hold it; undefined for anything else. */
export function guidOf(value: Json | undefined): string | undefined {
  const text = textOf(value)?.toLowerCase();
  return text !== undefined && GUID.test(text) ? text : undefined;
}

/** A name that the directory gives, made safe to show; others chose it. */
export const labelOf = (value: Json | undefined): string | undefined => {
  const text = textOf(value);
  return text === undefined ? undefined : printable(text.slice(0, LONGEST_LABEL));
};

/** What a target is known by: the tenant and the object. */
export const targetId = (tenant: string, object: string): string => `${tenant}/${object}`;

/** The object of {@link targetId}. @throws ActionError where it was not made by it */
export function objectOfTarget({ id }: Target): string {
  const [tenant, object, ...rest] = id.split('/');
  const guid = guidOf(object);
  if (guid !== undefined && guidOf(tenant) !== undefined && rest.length === 0) return guid;
  throw new ActionError(
    'input',
    `The target of a stored change, ${printable(id.slice(0, LONGEST_LABEL))}, is not of this action`,
  );
}

/** The state that a stored change was made with. @throws ActionError where it is of another shape */
export function storedState<T>(schema: z.ZodType<T>, { id, before }: Change): T {
  const result = schema.safeParse(before);
  if (result.success) return result.data;
  throw new ActionError('input', `The stored change ${printable(id.slice(0, LONGEST_LABEL))} is not of this action`);
}

/** A GUID of a stored change. */
export const storedGuid = z.string().regex(GUID);

/** @throws ActionError where there are more than a person can look through, or an approval should be asked for */
export function notTooMany(complete: boolean, most: number, what: string): void {
  if (complete) return;
  throw new ActionError(
    'unsuitable',
    `There are more than ${most} ${what}. Disable the service principal (entra-disable-service-principal) or the user, and remove them by hand`,
  );
}

/** What was found in place is not this response's to take back. @throws ActionError of kind `unsuitable` where a change says so */
export function refuseUndo({ undo, target }: Change, why: string): void {
  if (undo === undefined) throw new ActionError('unsuitable', `${target.label} ${why}`);
}
