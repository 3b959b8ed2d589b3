import type { Observation } from '../../timeline/observation.ts';
import { isSessionArn } from '../../timeline/identity/key-traits.ts';
import { impersonatedBy, thingsOf, type Deed } from './deed.ts';
import { inThePast, type Phrase } from './phrase.ts';
import { shownOrigin } from './origin.ts';
import { UNKNOWN_LABEL, type People } from './people.ts';
import { bounded, quoted } from './quoted.ts';
import { isSignIn } from './sign-in.ts';
import { thingOf } from './thing.ts';

const LONGEST_SENTENCE = 700;
const LONGEST_CLIENT = 60;

/** What of a deed's surroundings the reader has been told by the deeds before: it is not told again. */
export interface Told {
  /** Principal → as whom, where and from where it acted last. */
  readonly as: Map<string, string>;
  readonly where: Map<string, string>;
  readonly from: Map<string, string>;
}

/**
 * A deed in one sentence: who did what to what, as whom, where, how often, and from where.
 * @param isNew whether it came from a network that the principal had not come from before
 */
export function sentenceOf(deed: Deed, phrase: Phrase, people: People, told: Told, isNew: boolean): string {
  const first = deed.operations[0]?.told;
  if (first === undefined) return '';
  const label = deed.principals.length > 1 ? UNKNOWN_LABEL : people.of(deed.principal).label;
  const who = label === UNKNOWN_LABEL ? label : quoted(label);
  const as = changed(told.as, deed.principal, roleOf(first, deed.principal));
  const where = changed(told.where, deed.principal, placeOf(first));
  const origin = originOf(first, deed.principal, told, isNew);
  const did = verbOf(phrase.does, first);
  const { ofThat, ofOthers } = effectsOf(deed, did);
  const isClear = phrase.title !== undefined && !isSignIn(first) && (phrase.vague !== true || ofThat + ofOthers !== '');
  const sentence = [
    who,
    as === undefined ? ' ' : `, ${as}, `,
    did,
    ofThat === '' || where === undefined ? ofThat : `${ofThat},`,
    where === undefined ? '' : ` in ${where}`,
    timesOf(deed),
    origin,
    first.action.outcome === 'failure' ? ', and failed' : '',
    ofOthers,
    isClear ? '' : rulesOf(deed),
  ].join('');
  return `${bounded(sentence, LONGEST_SENTENCE)}.`;
}

/** The value where it is another than the one told last; undefined where it is known to the reader, or unknown. */
function changed(told: Map<string, string>, principal: string, value: string | undefined): string | undefined {
  if (value === undefined || told.get(principal) === value) return undefined;
  told.set(principal, value);
  return value;
}

function verbOf(does: string, { source, action }: Observation): string {
  if (action.outcome === 'failure') return `tried to ${does}`;
  // Azure writes a row when an operation begins; where it is the only one known, nobody here knows how it ended.
  return action.outcome === 'unknown' && source === 'azure-activity' ? `asked Azure to ${does}` : inThePast(does);
}

/** The role that somebody acts in, where it is not what the name says already, or in whose name. */
function roleOf(row: Observation, principal: string): string | undefined {
  const { principal: acting, source, entities } = row;
  const impersonated = source === 'aks-audit' ? impersonatedBy(row) : undefined;
  if (impersonated !== undefined) {
    const label = entities.find(({ key }) => key === impersonated)?.label ?? impersonated;
    return `in the name of ${quoted(label)}`;
  }
  if (acting === principal || !isSessionArn(acting)) return undefined;
  const { name } = thingOf({ key: acting, kind: 'role-session' });
  const role = name?.split('/', 1)[0];
  return role === undefined ? undefined : `as role ${quoted(role)}`;
}

function placeOf({ source, action, entities }: Observation): string | undefined {
  if (source === 'cloudtrail') return action.account && `AWS account ${quoted(action.account)}`;
  if (source !== 'aks-audit') return undefined;
  const cluster = entities.find(({ key, part }) => part === 'target' && key.startsWith('arm:'));
  const name = cluster && thingOf(cluster).name;
  return name && `cluster ${quoted(name)}`;
}

function timesOf({ operations, principals, time, last }: Deed): string {
  const count = operations.length;
  if (count < 2) return '';
  const during = last - time < MINUTE / 2 ? '' : ` within ${shownSpan(last - time)}`;
  const times = count === 2 ? 'twice' : `${count} times`;
  const told = principals.length > 1 ? principals.length : thingsOf(operations).length;
  return told >= count ? during : ` ${times}${during}`;
}

const MINUTE = 60_000;

/** A length of time for people; of half a minute or more. */
function shownSpan(span: number): string {
  const minutes = Math.round(span / MINUTE);
  if (minutes < 120) return minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return `${Math.round(minutes / 60)} hours`;
}

const MOST_EFFECTS = 2;

/** What the operation itself says already. */
const SAID: ReadonlySet<string> = new Set(['is deleted', 'is removed']);

/**
 * What the changes did to the security of what was changed, in the fixed words of the posture: of what the sentence so far ends with, that need
 * not be named again, and of others.
 * @param told the sentence so far
 */
function effectsOf({ operations }: Deed, told: string): { readonly ofThat: string; readonly ofOthers: string } {
  const that = new Set<string>();
  const others = new Set<string>();
  for (const { entities, posture } of operations.flatMap(({ rows }) => rows)) {
    for (const { resource, weakened, stage, what } of posture) {
      if (!weakened || stage === 'refused' || SAID.has(what)) continue;
      const thing = thingOf(entities.find(({ key }) => key === resource) ?? { key: resource, kind: 'resource' });
      const name = thing.name === undefined ? undefined : quoted(thing.name);
      if (name === undefined || told.endsWith(name)) that.add(`, which ${bounded(what)}`);
      else others.add(`; ${`${thing.noun} ${name}`.trim()} ${bounded(what)}`);
    }
  }
  const most = (effects: ReadonlySet<string>) => [...effects].slice(0, MOST_EFFECTS).join('');
  return { ofThat: most(that), ofOthers: most(others) };
}

function originOf({ action: { from } }: Observation, principal: string, told: Told, isNew: boolean): string {
  if (from === undefined) return '';
  const shown = shownOrigin(from);
  const client = clientOf(from.client);
  if (shown === undefined || changed(told.from, principal, from.ip ?? shown) === undefined) return '';
  const using = client === undefined ? '' : `, using ${client}`;
  return isNew ? `, from a new network: ${shown}${using}` : `, from ${shown}${using}`;
}

/** The program, of a user agent: `aws-cli/2.31.0`. All browsers begin alike, so that says nothing. */
function clientOf(userAgent: string | undefined): string | undefined {
  const [program = ''] = userAgent?.replace(/^\[/, '').split(' ', 1) ?? [];
  return program === '' || program.startsWith('Mozilla/') ? undefined : quoted(bounded(program, LONGEST_CLIENT));
}

const MOST_RULES = 2;
const LONGEST_RULE = 120;

/** The rules that fired, where the operation itself says little. */
function rulesOf({ alerts }: Deed): string {
  const titles = [...new Set(alerts.map(({ alert }) => bounded(alert.rule.title, LONGEST_RULE)))].slice(0, MOST_RULES);
  return titles.length === 0 ? '' : ` (${titles.join('; ')})`;
}
