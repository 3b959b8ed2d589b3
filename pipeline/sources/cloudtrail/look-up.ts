import type { Clock } from '../../../platform/clock.ts';
import { isObject, parseJson } from '../../../platform/json.ts';
import type { Event } from '../../timeline/event.ts';
import { RejectedRecord } from '../source.ts';
import { cloudtrail } from './index.ts';
import { accountOf } from './poll/bookmark.ts';
import { connect, type Connection, type FoundEvent, type LookupAttribute, type PollTarget } from './poll/connection.ts';
import { Pace } from './poll/pace.ts';
import { explain, isTransient, nameOf } from './poll/problem.ts';

/** Who is asked after. */
export interface LookedUp {
  readonly accessKeys: readonly string[];
  /** Of identities: users, roles in use. */
  readonly arns: readonly string[];
  readonly awsUserNames: readonly string[];
}

export interface LookUpOptions {
  readonly targets: readonly PollTarget[];
  readonly clock: Clock;
  /** No more is asked when it aborts. */
  readonly signal: AbortSignal;
}

export interface LookUpResult {
  readonly events: readonly Event[];
  /** What could not be asked, or only in part; for people. */
  readonly problems: readonly string[];
}

/** Who is asked after at most, and in how many accounts and regions. */
const MOST_ASKED = 6;
const MOST_TARGETS = 8;
const ATTEMPTS = 3;
const BEFORE_AGAIN = 1000;

const ROLE_SESSION = /^arn:[^:]*:sts::(\d{12}):(?:assumed-role|federated-user)\/(?:.+\/)?([^/]+)$/;

/** A condition, and the account in which alone it makes sense. */
interface Question extends LookupAttribute {
  readonly account?: string | undefined;
}

/**
 * What CloudTrail's event history knows of somebody: the latest 50 events of each id, in each account and region that is polled. Events of global services (IAM,
 * sign-in to the console) stand in us-east-1 alone.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 * @param window event time, milliseconds since 1970-01-01T00:00:00Z
 * Never throws: what goes wrong is in the result.
 */
export async function lookUp(
  wanted: LookedUp,
  window: { readonly from: number; readonly to: number },
  options: LookUpOptions,
): Promise<LookUpResult> {
  const questions = questionsOf(wanted);
  const asked = questions.slice(0, MOST_ASKED);
  const targets = options.targets.slice(0, MOST_TARGETS);
  const answers = await Promise.all(targets.map((target) => ofTarget(target, asked, window, options)));
  const events = new Map(answers.flatMap((answer) => answer.events).map((event) => [event.id, event]));
  const problems = answers.flatMap((answer) => answer.problems);
  if (questions.length > asked.length)
    problems.push(`CloudTrail: asked after ${asked.length} of ${questions.length} ids`);
  if (questions.length > 0 && options.targets.length > targets.length)
    problems.push(`CloudTrail: asked in ${targets.length} of ${options.targets.length} accounts and regions`);
  return { events: [...events.values()], problems };
}

function questionsOf({ accessKeys, arns, awsUserNames }: LookedUp): Question[] {
  const sessions = arns.flatMap((arn): Question[] => {
    const [, account, name] = ROLE_SESSION.exec(arn.slice(0, 700)) ?? [];
    return name === undefined ? [] : [{ key: 'Username', value: name, account }];
  });
  const all: Question[] = [
    ...accessKeys.map((value): Question => ({ key: 'AccessKeyId', value })),
    ...awsUserNames.map((value): Question => ({ key: 'Username', value })),
    ...sessions,
  ];
  return [...new Map(all.map((one) => [`${one.key} ${one.value} ${one.account ?? ''}`, one])).values()];
}

async function ofTarget(
  target: PollTarget,
  questions: readonly Question[],
  { from, to }: { readonly from: number; readonly to: number },
  { clock, signal }: LookUpOptions,
): Promise<{ events: Event[]; problems: string[] }> {
  const account = accountOf(target);
  // CloudTrail knows nothing of the future, and need not be asked about it.
  const span = { start: Math.floor(from / 1000), end: Math.floor(Math.min(to, clock.now()) / 1000) };
  const own = questions.filter((one) => one.account === undefined || account === undefined || one.account === account);
  const result = { events: [] as Event[], problems: [] as string[] };
  if (own.length === 0 || span.start > span.end) return result;
  let connection: Connection | undefined;
  try {
    connection = await connect(target);
    const pace = new Pace(clock);
    for (const attribute of own) {
      await pace.turn(Infinity);
      const page = await again(clock, signal, () => connection?.lookup(span, undefined, { attribute, signal }));
      if (page === undefined) break;
      result.events.push(...page.events.map(eventOf).filter((event) => event !== undefined));
      if (page.nextToken !== undefined)
        result.problems.push(
          `CloudTrail, ${nameOf(target)}: only the latest ${page.events.length} events of ${attribute.value}`,
        );
    }
  } catch (error) {
    if (!signal.aborted) result.problems.push(explain(error, target));
  } finally {
    connection?.close();
  }
  if (signal.aborted) result.problems.push(`CloudTrail, ${nameOf(target)}: no time was left to ask`);
  return result;
}

/** Asks again where the service is busy; undefined where there is no time. @throws what the last try throws */
async function again<T>(clock: Clock, signal: AbortSignal, work: () => Promise<T> | undefined): Promise<T | undefined> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isTransient(error)) throw error;
      await clock.wait(BEFORE_AGAIN, signal);
    }
  }
  return undefined;
}

/** Undefined for what is no event: the poll sets such records aside. */
function eventOf({ record }: FoundEvent): Event | undefined {
  try {
    const parsed = parseJson(record);
    return isObject(parsed) ? cloudtrail.read(parsed).event : undefined;
  } catch (error) {
    if (error instanceof RejectedRecord || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
