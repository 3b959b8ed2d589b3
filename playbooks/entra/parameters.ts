import { z } from 'zod';
import { guidParameter } from '../contract/parameters.ts';

/**
 * A user principal name in lower case. Apostrophes, which such a name may hold, are refused: they end texts in OData, and whoever has one can be named by object id.
 * Bounds: https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-userprincipalname
 */
const userPrincipalName = z
  .string()
  .max(113)
  .regex(/^[\w.!#^~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z0-9-]{2,63}$/)
  .transform((text) => text.toLowerCase());

/** A user by object id or user principal name. */
export const userParameter = z
  .union([guidParameter, userPrincipalName], 'expected an object id, or a user principal name without apostrophes')
  .describe('The object id of the user (better, for names can be given to others), or the user principal name.');

/** The tenant that a target is of. */
export const tenantParameter = guidParameter
  .optional()
  .describe(
    'The tenant that the target is of: nothing is done where it is another than the one that Crosstrail works in.',
  );

/** A service principal by object id. */
export const servicePrincipalParameter = guidParameter.describe(
  'The object id of the service principal (in the portal: Enterprise applications, Object ID).',
);
