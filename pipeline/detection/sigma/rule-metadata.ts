import { z } from 'zod';
import { parseDuration } from '../../../platform/duration.ts';
import { own, type JsonObject } from '../../../platform/json.ts';
import type { LogSource } from '../../timeline/read-record.ts';
import { LEVELS, type Decision, type Escalation, type Level } from '../../timeline/signal.ts';
import { techniquesOf } from '../attack/technique-tags.ts';
import { RuleError } from '../loading/rule-error.ts';
import { readPart } from '../loading/read-part.ts';
import type { RuleMetadata } from '../rule.ts';

/** A name that may stand as an id: of a rule, an owner. */
const name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{C}\p{Z}]+$/u, 'expected a name without spaces');

const MAX_WINDOW = 366 * 86_400_000;

/** Milliseconds of a length of time such as `5m`, `1h` or `1d`. */
const window = z.string('expected a length of time such as 5m, 1h or 1d').transform((text, context) => {
  const length = parseDuration(text) ?? 0;
  if (length > 0 && length <= MAX_WINDOW) return length;
  context.addIssue('expected a length of time such as 5m, 1h or 1d, at most 366d');
  return z.NEVER;
});

/** What the project adds to Sigma: the gating contract and the deduplication of a rule. */
const crosstrail = z.strictObject({
  /** Default: `warn` for the levels high and critical, `monitor` for the others. */
  decision: z.enum(['block', 'warn', 'monitor']).optional(),
  /** An alert's window counts: the decision of an alert that stands for so many events. One event is no recurrence. */
  escalate: z.strictObject({ count: z.int().min(2).max(1_000_000), decision: z.enum(['warn', 'block']) }).optional(),
  owner: name.optional(),
  /** `principal`, or paths of fields: signals that agree in all of them are one alert. */
  group: z.array(z.string().min(1).max(512)).min(1).max(8).default(['principal']),
  window: window.default(3_600_000),
});

/** A field of a log source, which Sigma compares in lower case. */
const sourceName = z
  .string()
  .min(1)
  .max(128)
  .transform((text) => text.toLowerCase())
  .nullish()
  .transform((text) => text ?? undefined);

/** A key that has no value says no more than one that is left out. */
const head = z.object({
  title: z.string().min(1).max(256),
  id: name.nullish(),
  name: name.nullish(),
  taxonomy: z
    .literal(
      'sigma',
      "expected sigma: what another taxonomy calls fields and log sources is not known here; write Sigma's names",
    )
    .nullish(),
  description: z.string().max(65_535).nullish(),
  level: z.enum(LEVELS).nullish(),
  tags: z.array(z.string().max(256)).nullish(),
  falsepositives: z.union([z.string(), z.array(z.string())]).nullish(),
  crosstrail: crosstrail.prefault({}),
});

const NAMES_NOTHING = 'expected a category, a product or a service';

const logsource = z
  .object({ category: sourceName, product: sourceName, service: sourceName }, NAMES_NOTHING)
  .refine(({ category, product, service }) => (category ?? product ?? service) !== undefined, NAMES_NOTHING);

/** What a document says of itself beside its log source, which correlation rules do not have. */
export type RuleHead = Omit<RuleMetadata, 'logsource'>;

interface Origin {
  readonly file: string;
  readonly line: number;
}

/**
 * Reads what a Sigma rule says of itself. Keys that neither Sigma nor the project defines are left alone, except in
 * `crosstrail`.
 * @param document the rule's document
 * @throws RuleError
 */
export function parseMetadata(document: JsonObject, origin: Origin): RuleMetadata {
  return { ...parseHead(document, origin), logsource: parseLogSource(document) };
}

/** Reads the `logsource` of a document, in lower case. @throws RuleError where it names nothing */
export function parseLogSource(document: JsonObject): LogSource {
  return readPart(logsource, own(document, 'logsource'), ['logsource']);
}

/** Reads what a rule of any kind says of itself. @throws RuleError */
export function parseHead(document: JsonObject, origin: Origin): RuleHead {
  const read = readPart(head, document, []);
  const { title, crosstrail: contract } = read;
  const alias = read.name ?? undefined;
  const level = read.level ?? 'medium';
  const tags = read.tags ?? [];
  const falsepositives = read.falsepositives ?? [];
  const decision = contract.decision ?? defaultDecision(level);
  return {
    id: read.id ?? alias ?? slug(title),
    name: alias,
    title,
    level,
    description: read.description ?? '',
    tags,
    techniques: techniquesOf(tags),
    falsepositives: typeof falsepositives === 'string' ? [falsepositives] : falsepositives,
    decision,
    escalate: escalationOf(contract.escalate, decision),
    owner: contract.owner,
    group: [...new Set(contract.group)],
    window: contract.window,
    ...origin,
  };
}

/** The id of a rule that has neither id nor name. */
function slug(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-');
}

function defaultDecision(level: Level): Decision {
  return level === 'high' || level === 'critical' ? 'warn' : 'monitor';
}

/** @throws RuleError where there is nothing to escalate */
function escalationOf(escalate: Escalation | undefined, decision: Decision): Escalation | undefined {
  if (escalate === undefined || decision === 'monitor') return escalate;
  throw new RuleError(
    `crosstrail.escalate: goes with the decision monitor, and this rule's is ${decision} from its first event; leave it out`,
    ['crosstrail', 'escalate'],
  );
}
