import type { JsonObject } from '../../platform/json.ts';

/**
 * Whether an object is told to be a record of CloudTrail or of Azure's logs by a name that no list of findings and no report has. Most objects are, and to ask
 * them for the names of all others takes a twentieth of the time in which they are read.
 */
export const isOfLog = (object: JsonObject): boolean =>
  object['eventVersion'] !== undefined || object['category'] !== undefined;
