import type { RuleSummary } from '../../timeline/signal.ts';
import type { ExpectedSignal } from './rule-test-file.ts';

/** A signal that the rules of a test raised. */
export interface FoundSignal {
  readonly rule: RuleSummary;
  readonly group: Readonly<Record<string, string>>;
  /** All records that it stands for, by their places in the test, from 0, in rising order. */
  readonly events: readonly number[];
}

/** One line of a comparison: expected and not found, found and not expected, or both. */
export interface DiffLine {
  readonly sign: '-' | '+' | ' ';
  readonly text: string;
}

/**
 * Compares signals as sets: each that is expected stands for one that is found, and each that is found for one expected. What
 * an expected signal leaves out may be anything; who stands for whom is chosen so that as many as possible agree.
 * @returns undefined where they agree
 */
export function diffOf(expected: readonly ExpectedSignal[], found: readonly FoundSignal[]): DiffLine[] | undefined {
  const partners = matching(expected, found);
  const missing = expected.filter((_, at) => !partners.includes(at));
  if (missing.length === 0 && partners.every((partner) => partner !== undefined)) return undefined;
  return [
    ...missing.map((signal) => ({ sign: '-', text: expectedText(signal) }) as const),
    ...found.map((signal, at) => ({ sign: partners[at] === undefined ? '+' : ' ', text: foundText(signal) }) as const),
  ];
}

/** For each signal found the place of the expected one that it is; undefined where it is none. As many pairs as there can be. */
function matching(expected: readonly ExpectedSignal[], found: readonly FoundSignal[]): (number | undefined)[] {
  const partners: (number | undefined)[] = found.map(() => undefined);
  const fits = expected.map((wanted) => found.flatMap((signal, at) => (isMet(wanted, signal) ? [at] : [])));
  /** Finds a partner for an expected signal, moving others to other partners where need be. */
  const place = (wanted: number, tried: Set<number>): boolean => {
    for (const at of fits[wanted] ?? []) {
      if (tried.has(at)) continue;
      tried.add(at);
      const holder = partners[at];
      if (holder === undefined || place(holder, tried)) {
        partners[at] = wanted;
        return true;
      }
    }
    return false;
  };
  for (const wanted of expected.keys()) place(wanted, new Set());
  return partners;
}

function isMet({ rule, level, group = {}, events }: ExpectedSignal, found: FoundSignal): boolean {
  return (
    (rule === undefined || rule === found.rule.id || rule === found.rule.title) &&
    (level === undefined || level === found.rule.level) &&
    Object.entries(group).every(([name, value]) => Object.hasOwn(found.group, name) && found.group[name] === value) &&
    (events === undefined || sorted(events) === sorted(found.events))
  );
}

const sorted = (events: readonly number[]): string => [...new Set(events)].sort((one, other) => one - other).join(', ');

function expectedText({ rule, level, group, events }: ExpectedSignal): string {
  const parts = [level, rule ?? (level === undefined ? 'any rule' : undefined), ...groupTexts(group ?? {})];
  if (events !== undefined) parts.push(eventsText(events));
  return parts.filter((part) => part !== undefined).join('  ');
}

/** A signal in a line. */
export function foundText({ rule, group, events }: FoundSignal): string {
  return [rule.level, rule.title, ...groupTexts(group), eventsText(events)].join('  ');
}

const groupTexts = (group: Readonly<Record<string, string>>): string[] =>
  Object.entries(group).map(([name, value]) => `${name}=${value}`);

const eventsText = (events: readonly number[]): string =>
  `${events.length === 1 ? 'record' : 'records'} ${sorted(events) || 'none'}`;
