import { z } from 'zod';
import type { EntityKind } from '../../timeline/entity.ts';
import { MAX_KEY } from '../../timeline/entity-keys.ts';
import { parseTime } from '../shared/time.ts';

/** By this category a record is known. */
export const CATEGORY = 'CrosstrailResponse';

const KINDS: readonly EntityKind[] = [
  ...(['user', 'service-principal', 'application', 'managed-identity', 'role', 'role-session', 'access-key'] as const),
  ...(['session', 'service-account', 'account', 'device', 'ip', 'resource', 'vulnerability'] as const),
];

/** What becomes of a step, and how it ended; a decision of people has no outcome. */
export const DEEDS = {
  approved: 'success',
  declined: undefined,
  refused: 'failure',
  'change-made': 'success',
  verified: 'success',
  'not-verified': 'failure',
  failed: 'failure',
  drift: undefined,
  extended: 'success',
  'change-undone': 'success',
  undone: 'success',
  'undo-refused': 'failure',
  stopped: 'success',
  resumed: 'success',
} as const satisfies Readonly<Record<string, 'success' | 'failure' | undefined>>;

export type Deed = keyof typeof DEEDS;

const text = z.string().min(1).max(2000);

/** What Crosstrail, or a person through it, did or decided in a response: one entry of the evidence, with the keys of what it concerns. */
export const schema = z.object({
  category: z.literal(CATEGORY),
  /** ISO 8601, in UTC. */
  time: z.string().refine((time) => parseTime(time) !== undefined, 'expected a time'),
  deed: z.custom<Deed>((value) => typeof value === 'string' && Object.hasOwn(DEEDS, value), 'expected a deed'),
  /** The entry of the evidence: its place, and its hash in hex. */
  evidence: z.object({ number: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256') }),
  /** Key of who decided or acted. */
  actor: z.object({ key: z.string().min(1).max(MAX_KEY), label: text.optional() }),
  response: text.optional(),
  incident: text.optional(),
  step: text.optional(),
  action: text.optional(),
  /** What was changed, in one sentence. */
  summary: text.optional(),
  reason: text.optional(),
  targets: z
    .array(z.object({ kind: z.enum(KINDS), key: z.string().min(1).max(MAX_KEY), label: text.optional() }))
    .max(100),
});

export type OwnActionRecord = z.infer<typeof schema>;
