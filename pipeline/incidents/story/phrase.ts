import { article, plural } from './nouns.ts';
import { quoted } from './quoted.ts';
import type { Thing } from './thing.ts';

/** How a deed is told. */
export interface Phrase {
  /** What somebody does, beginning with the verb in its base form: `attach policy AdministratorAccess to user backup`. */
  readonly does: string;
  /** What it amounts to, for the title of an incident: `a policy attached`. */
  readonly title?: string | undefined;
  /** Whether more than the operation has to be known to see what was done: which role was given, to whom something was opened. */
  readonly vague?: boolean | undefined;
}

/**
 * Phrases by operation. In a phrase a place in braces stands for the things that were acted upon of these nouns, `{user|group}`; `{*}` for all, and
 * `{bucket|*}` for all where there is no bucket. A part in brackets is left out where there is no such thing. Each: `does`,
 * `title`, and whether it is vague.
 */
export type PhraseTable = Readonly<Record<string, PhraseRow>>;
export type PhraseRow = readonly [does: string, title?: string, vague?: 'vague'];

/** Looks an operation up in a table and fills its phrase in. */
export class Phrases {
  readonly #table: ReadonlyMap<string, PhraseRow>;

  constructor(table: PhraseTable) {
    this.#table = new Map(Object.entries(table));
  }

  /** How the operation is told; undefined where the table does not have it. */
  of(operation: string, things: readonly Thing[]): Phrase | undefined {
    const found = this.#table.get(operation);
    return found && { does: filled(found[0], things), title: found[1], vague: found[2] === 'vague' };
  }
}

/** How many things are named; of others their number is told. */
const MOST_NAMED = 3;
const PART = /\[([^\]]*)\]|\{([^}]+)\}/g;

/** A phrase's text over the things that were acted upon. */
export function filled(template: string, things: readonly Thing[]): string {
  return template.replace(PART, (_part, optional: string | undefined, nouns: string | undefined) => {
    if (optional === undefined) return named(nouns ?? '*', things) ?? without(nouns ?? '*');
    const wanted = /\{([^}]+)\}/.exec(optional)?.[1] ?? '*';
    return named(wanted, things) === undefined ? '' : filled(optional, things);
  });
}

/** ` on ` and the things, for the end of a phrase; empty where there are none. */
export const onThings = (things: readonly Thing[]): string => filled('[ on {*}]', things);

/** The things of the given nouns, by name; undefined where there are none. */
function named(nouns: string, things: readonly Thing[]): string | undefined {
  const wanted = new Set(nouns.split('|'));
  const these = things.filter(({ noun }) => wanted.has(noun));
  const byNoun = Map.groupBy(these.length === 0 && wanted.has('*') ? things : these, ({ noun }) => noun);
  const texts = [...byNoun].slice(0, MOST_NAMED).map(([noun, some]) => namesOf(noun, some));
  return texts.length === 0 ? undefined : listed(texts);
}

const without = (nouns: string): string => {
  const noun = nouns.split('|')[0] ?? '*';
  return noun === '*' ? 'something' : `${article(noun)} ${noun}`;
};

function namesOf(noun: string, things: readonly Thing[]): string {
  const [first] = things;
  if (first === undefined) return '';
  if (first.own === true) return `their own ${noun}`;
  if (noun === '')
    return listed(things.slice(0, MOST_NAMED).map(({ name }) => (name === undefined ? 'an object' : quoted(name))));
  const of = things.every((thing) => thing.of?.join(' ') === first.of?.join(' ')) ? first.of : undefined;
  const where = of === undefined ? '' : ` ${of[0]} ${of[1] === 'the tenant' ? of[1] : quoted(of[1])}`;
  if (things.some(({ all }) => all === true)) {
    return where === '' ? `the ${plural(noun)} of all namespaces` : `all ${plural(noun)}${where}`;
  }
  const names = [...new Set(things.map(({ name }) => name).filter((name) => name !== undefined))].map(quoted);
  const [name] = names;
  if (names.length <= 1 && (name !== undefined || things.length === 1)) {
    return name === undefined ? `${article(noun)} ${noun}${where}` : `${noun} ${name}${where}`;
  }
  const count = Math.max(names.length, things.length);
  const shown = names.length > MOST_NAMED ? [...names.slice(0, MOST_NAMED), 'others'] : names;
  return `${count} ${plural(noun)}${shown.length === 0 ? '' : ` (${shown.join(', ')})`}${where}`;
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? (texts[0] ?? '') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`;
}

/** Verbs of the phrases whose past is not made with `ed`. */
const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ['be', 'was'],
  ['do', 'did'],
  ['get', 'got'],
  ['give', 'gave'],
  ['have', 'had'],
  ['let', 'let'],
  ['make', 'made'],
  ['put', 'put'],
  ['read', 'read'],
  ['reset', 'reset'],
  ['run', 'ran'],
  ['set', 'set'],
  ['stop', 'stopped'],
  ['take', 'took'],
  ['write', 'wrote'],
]);

/** The phrase in the past: `stop the logging` gives `stopped the logging`. Every verb at its beginning is turned: `create or change`. */
export function inThePast(phrase: string): string {
  const [verb = '', ...rest] = phrase.split(' ');
  const [or, second, ...others] = rest;
  const words = or === 'or' && second !== undefined ? [past(verb), or, past(second), ...others] : [past(verb), ...rest];
  return words.join(' ');
}

function past(verb: string): string {
  const known = IRREGULAR.get(verb);
  if (known !== undefined) return known;
  if (verb.endsWith('e')) return `${verb}d`;
  return /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ied` : `${verb}ed`;
}
