/** The parts of events and observations, as bytes are checked for them. */
import { z } from 'zod';
import { isObject } from '../../platform/json.ts';
import { MAX_ENTITIES, type EntityKind, type EntityPart } from './entity.ts';
import type { SourceId } from './event.ts';
import { LINK_KINDS, type Link, type LinkKind } from './identity/link.ts';
import type { RuleMatch } from './observation.ts';
import type { PostureChange, PostureCondition } from './posture-change.ts';
import { LEVELS, type Decision, type Signal } from './signal.ts';

/** The range of a JavaScript Date: 100,000,000 days either side of 1970. */
const MAX_TIME = 8.64e15;

export const time = z.int().min(-MAX_TIME).max(MAX_TIME);
export const eventId = z.string().regex(/^[\x20-\x7e]{1,256}$/, 'expected 1 to 256 printable ASCII characters');

/** Every member of a union of texts, as `z.enum` takes them: the compiler asks for the one that is missing. */
type Members<T extends string> = { readonly [K in T]: K };

const kind = z.enum({
  user: 'user',
  'service-principal': 'service-principal',
  application: 'application',
  'managed-identity': 'managed-identity',
  role: 'role',
  'role-session': 'role-session',
  'access-key': 'access-key',
  session: 'session',
  'service-account': 'service-account',
  account: 'account',
  device: 'device',
  ip: 'ip',
  resource: 'resource',
  vulnerability: 'vulnerability',
} satisfies Members<EntityKind>);
const part = z.enum({
  actor: 'actor',
  target: 'target',
  origin: 'origin',
  credential: 'credential',
} satisfies Members<EntityPart>);
export const source = z.enum({
  'azure-activity': 'azure-activity',
  entra: 'entra',
  'aks-audit': 'aks-audit',
  cloudtrail: 'cloudtrail',
  defender: 'defender',
  'security-hub': 'security-hub',
  github: 'github',
  sarif: 'sarif',
  trivy: 'trivy',
  crosstrail: 'crosstrail',
  json: 'json',
} satisfies Members<SourceId>);
const level = z.enum(LEVELS);
const decision = z.enum({ block: 'block', warn: 'warn', monitor: 'monitor' } satisfies Members<Decision>);
const escalate = z.object({ count: z.number(), decision: decision.exclude(['monitor']) });

// Objects whose keys come from records are passed through as they are: rebuilding them would lose a key named `__proto__`.
const texts = z.custom<Readonly<Record<string, string>>>(
  (value) => isObject(value) && Object.values(value).every((text) => typeof text === 'string'),
  'expected an object of texts',
);

export const entities = z
  .array(z.object({ kind, key: z.string().min(1), part, label: z.string().optional() }))
  .max(MAX_ENTITIES);

export const signal: z.ZodType<Signal> = z.object({
  rule: z.object({ id: z.string(), title: z.string(), level }),
  decision,
  escalate: escalate.optional(),
  techniques: z.array(z.string()),
  window: z.number(),
  group: texts,
  suppressed: z.object({ exception: z.string() }).optional(),
});

const listsOfTexts = z.custom<RuleMatch['values']>(
  (value) =>
    isObject(value) &&
    Object.values(value).every((list) => Array.isArray(list) && list.every((text) => typeof text === 'string')),
  'expected an object of lists of texts',
);

export const ruleMatch: z.ZodType<RuleMatch> = z.object({ rule: z.string(), values: listsOfTexts });

export const postureCondition = z.enum({
  'storage-public': 'storage-public',
  'network-open': 'network-open',
  'public-address': 'public-address',
  'logging-off': 'logging-off',
  'federation-changed': 'federation-changed',
  'conditional-access-off': 'conditional-access-off',
  'protection-off': 'protection-off',
} satisfies Members<PostureCondition>);

export const postureChange: z.ZodType<PostureChange> = z.object({
  condition: postureCondition,
  resource: z.string().min(1),
  part: z.string().optional(),
  also: z.string().optional(),
  weakened: z.boolean(),
  stage: z.enum(['requested', 'refused']).optional(),
  what: z.string(),
});

const linkKind = z.custom<LinkKind>(
  (value) => typeof value === 'string' && Object.hasOwn(LINK_KINDS, value),
  'expected a kind of link',
);

export const link: z.ZodType<Link> = z.object({
  kind: linkKind,
  one: z.string().min(1),
  other: z.string().min(1),
  confidence: z.number().min(0).max(1),
  evidence: z.object({
    eventId: z.string(),
    source: z.union([source, z.literal('directory')]),
    time,
    what: z.string(),
  }),
});
