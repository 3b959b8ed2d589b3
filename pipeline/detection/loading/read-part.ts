import type { z } from 'zod';
import { schemaMessage } from '../../../platform/schema-message.ts';
import { RuleError, type DocumentPath } from './rule-error.ts';

/**
 * Reads a part of a rule's document by its schema.
 * @param path where the part stands in the document
 * @throws RuleError for the first thing that does not fit, at its own place
 */
export function readPart<T>(schema: z.ZodType<T>, part: unknown, path: DocumentPath): T {
  const result = schema.safeParse(part);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const steps = (issue?.path ?? []).map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue?.code === 'unrecognized_keys') steps.push(...issue.keys.slice(0, 1));
  const place = [...path, ...steps];
  const message = issue === undefined ? 'unusable' : schemaMessage(issue);
  throw new RuleError(place.length === 0 ? message : `${place.join('.')}: ${message}`, place);
}
