/** A response as its row holds it. */
import { z } from 'zod';
import type { Change } from '../../playbooks/contract/action.ts';
import type { JsonObject } from '../../platform/json.ts';
import { time } from '../timeline/codec-parts.ts';
import type { Response } from './response.ts';

const texts = z.array(z.string());
const target = z.object({ kind: z.string(), id: z.string(), label: z.string() });
const json = z.json();

const change = z.object({
  id: z.string(),
  holds: z.string(),
  summary: z.string(),
  target,
  before: json,
  after: json,
  undo: z.string().optional(),
});

const subject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('address'), value: z.string() }),
  z.object({
    kind: z.literal('principal'),
    keys: texts,
    label: z.string(),
    groups: texts,
    privileged: texts,
    unknown: z.string().optional(),
  }),
  z.object({ kind: z.literal('resource'), key: z.string(), label: z.string() }),
]);

const plan = z.object({
  target,
  changes: z.array(change),
  affects: texts,
  residual: z.array(z.object({ what: z.string(), lasts: z.number().optional() })),
  subjects: z.array(subject),
  share: z.object({ of: z.number(), total: z.number(), what: z.string() }).optional(),
});

const seen = z.discriminatedUnion('is', [
  z.object({ is: z.literal('held'), note: z.string().optional(), at: time }),
  z.object({ is: z.literal('settling'), why: z.string(), again: z.number(), at: time }),
  z.object({ is: z.literal('ineffective'), why: z.string(), at: time }),
  z.object({ is: z.literal('absent'), at: time }),
  z.object({ is: z.literal('changed'), why: z.string(), at: time }),
]);

const step = z.object({
  id: z.string(),
  action: z.string(),
  parameters: z.record(z.string(), json),
  lasts: z.number().optional(),
  state: z.enum([
    'new',
    'planned',
    'refused',
    'ready',
    'executing',
    'verified',
    'unverified',
    'undoing',
    'undone',
    'undo-refused',
    'failed',
    'dropped',
  ]),
  plan: plan.optional(),
  guards: z.array(z.object({ guard: z.string(), says: z.enum(['pass', 'ask', 'refuse']), reason: z.string() })),
  changes: z.array(
    z.object({
      change,
      state: z.enum(['planned', 'begun', 'made', 'taking-back', 'taken-back', 'handed-on', 'lost']),
      seen: seen.optional(),
    }),
  ),
  lease: z
    .object({
      until: time,
      extended: z.array(z.object({ by: z.string(), at: time, until: time, reason: z.string() })),
    })
    .optional(),
  executed: time.optional(),
  problem: z.string().optional(),
  approved: z.string().optional(),
  undo: z.object({ by: z.string(), reason: z.string(), force: z.boolean() }).optional(),
  delayed: z.object({ attempts: z.number(), until: time, turn: z.boolean().optional() }).optional(),
});

const approver = z.object({ id: z.string(), name: z.string(), aliases: texts, by: z.string() });

const schema = z.object({
  id: z.string(),
  incident: z.string().optional(),
  title: z.string(),
  playbook: z.string(),
  binding: z.string().optional(),
  mode: z.enum(['observe', 'approve', 'automatic']),
  requester: z.string(),
  principals: texts,
  state: z.enum(['new', 'observed', 'awaiting-approval', 'declined', 'running', 'active', 'ended']),
  steps: z.array(step),
  approval: z
    .object({
      planHash: z.string(),
      number: z.number(),
      expires: time,
      quorum: z.number(),
      answers: z.array(
        z.object({ by: approver, answer: z.enum(['approve', 'decline']), reason: z.string().optional(), at: time }),
      ),
    })
    .optional(),
  created: time,
  changed: time,
  due: time.optional(),
  announced: z.number().optional(),
  untold: z.object({ attempts: z.number(), until: time }).optional(),
  looked: time.optional(),
  worker: z.object({ id: z.string(), until: time }).optional(),
});

/** Reads a change of a row. @throws where it is none */
export const changeOf = (value: JsonObject): Change => change.parse(value);

/** Reads a response of its row. @throws where it is none */
export function parseResponse(value: JsonObject): Response {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data;
  throw new Error(`a row of responses cannot be read: ${z.prettifyError(error)}`);
}
