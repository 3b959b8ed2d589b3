import type { z } from 'zod';
import { ActionError } from './action-error.ts';
import type { Change } from './action.ts';

/** What a change of a stored plan says of itself. @throws ActionError where it was not made by this action */
export function plannedState<T>(schema: z.ZodType<T>, { id, after }: Change): T {
  const result = schema.safeParse(after);
  if (result.success) return result.data;
  throw new ActionError('failed', `the change ${id} cannot be read: its plan was made by another version; plan again`);
}
