import { Option } from 'commander';
import type { Action } from '../../playbooks/contract/action.ts';
import { parseDuration } from '../../platform/duration.ts';
import { writer } from '../output.ts';
import { UnusableInputError } from '../scan/files.ts';
import { printable } from '../terminal.ts';
import { spanText } from './span-text.ts';

/** Refused by a guard or by a person, not seen to have effect, missing, broken: it is there, and not as it should be. */
export const NOT_DONE = 1;

export type Format = 'table' | 'json';

/** How commands about responses tell. */
export const formatOption = (): Option =>
  new Option('--format <format>', 'how to tell').choices(['table', 'json']).default('table');

export const configOption = (): Option => new Option('--config <file>', 'the configuration (crosstrail.yaml)');

export const reasonOption = (): Option => new Option('--reason <text>', 'why, for those who read it later');

/** Parameters of an action, in the order in which they are given. */
export const paramOption = (): Option =>
  new Option('--param <name=value>', 'a parameter of the action; once for each')
    .default([], 'none')
    .argParser((value: string, before: readonly string[]) => [...before, value]);

const LONGEST_REASON = 500;

/** The reason that is kept. */
export const reasonOf = (reason: string | undefined): string =>
  printable((reason ?? 'asked for at the command').slice(0, LONGEST_REASON));

/** How long an action is to hold, milliseconds. @throws UnusableInputError for what is no span, or longer than the action holds */
export function leaseOf({ name, lease }: Action, text: string | undefined): number | undefined {
  if (text === undefined) return lease?.usual;
  const span = parseDuration(text);
  if (span === undefined || span <= 0) {
    throw new UnusableInputError(`--lease: expected a span such as 4h, found ${printable(text.slice(0, 80))}`);
  }
  if (lease === undefined) throw new UnusableInputError(`--lease: there is nothing of ${name} that ends`);
  if (span > lease.longest) throw new UnusableInputError(`--lease: ${name} holds at most ${spanText(lease.longest)}`);
  return span;
}

/** Tells one thing, for people or for machines. */
export async function show(format: Format, page: string, line: object): Promise<void> {
  const out = writer(process.stdout);
  out.line(format === 'json' ? JSON.stringify(line) : page);
  await out.end();
}

/** Says something beside the output. */
export const complain = (message: string): void => void process.stderr.write(`crosstrail: ${printable(message)}\n`);
