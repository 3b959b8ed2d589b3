import { z } from 'zod';
import { parseJson } from '../../platform/json.ts';
import { entities, eventId, link, postureChange, ruleMatch, signal, source, time } from './codec-parts.ts';
import { EventCodecError } from './codec.ts';
import type { Observation } from './observation.ts';

const VERSION = 1;

const origin = z.object({
  ip: z.string().optional(),
  asn: z.number().optional(),
  country: z.string().optional(),
  city: z.string().optional(),
  latitude: z.number().optional(),
  longitude: z.number().optional(),
  client: z.string().optional(),
});

export const observationSchema: z.ZodType<Observation> = z.object({
  id: eventId,
  source,
  recordId: z.string(),
  time,
  principal: z.string().min(1),
  operation: z.string().optional(),
  entities,
  action: z.object({
    operation: z.string(),
    classUid: z.int(),
    activityId: z.int(),
    outcome: z.enum(['success', 'failure', 'unknown']),
    service: z.string().optional(),
    method: z.string().optional(),
    account: z.string().optional(),
    from: origin.optional(),
  }),
  signals: z.array(signal),
  matches: z.array(ruleMatch),
  links: z.array(link),
  posture: z.array(postureChange),
  entry: z.literal(true).optional(),
});

const versioned = z.object({ v: z.literal(VERSION) }).and(observationSchema);

/** A hub takes 1 MiB in one message, its headers included. */
const MAX_BYTES = 1_000_000;

/** Writes an observation as JSON in UTF-8. @throws EventCodecError where it is too large for a message */
export function encodeObservation(value: Observation): Uint8Array {
  const bytes = Buffer.from(JSON.stringify({ v: VERSION, ...value }));
  if (bytes.length <= MAX_BYTES) return bytes;
  throw new EventCodecError(
    `What joining needs of ${value.id} has ${bytes.length} bytes; a message takes ${MAX_BYTES}.`,
  );
}

/**
 * Reads what {@link encodeObservation} wrote.
 * @throws EventCodecError for anything else
 */
export function decodeObservation(bytes: Uint8Array): Observation {
  let value: unknown;
  try {
    value = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new EventCodecError('Not an observation: not JSON in UTF-8.', { cause: error });
  }
  const result = versioned.safeParse(value);
  if (result.success) {
    const { v: _, ...read } = result.data;
    return read;
  }
  const [issue] = result.error.issues;
  throw new EventCodecError(`Not an observation: \`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? ''}.`);
}
