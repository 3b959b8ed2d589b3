import { Option, type Command } from 'commander';
import { systemClock } from '../../../platform/clock.ts';
import { loadConfiguration, type Configuration } from '../../../platform/configuration.ts';
import { DAY, shownDate } from '../../../pipeline/detection/exceptions/exception-dates.ts';
import { stateOf, type Exception, type ExceptionState } from '../../../pipeline/detection/exceptions/exception.ts';
import { loadExceptions, type LoadedExceptions } from '../../../pipeline/detection/loading/load.ts';
import { writer } from '../../output.ts';
import { configOption, exceptionsOption, rulesOf } from '../../rules.ts';
import { UnusableInputError } from '../../scan/files.ts';
import { printable, styled, table } from '../../terminal.ts';

interface Options {
  readonly config?: string;
  readonly exceptions: readonly string[];
  readonly format: 'table' | 'ndjson';
}

const STYLES = { active: 'green', 'review due': 'yellow', expired: 'red' } as const satisfies Record<
  ExceptionState,
  string
>;

/** `crosstrail exceptions list` */
export function listCommand(exceptions: Command): void {
  exceptions
    .command('list')
    .description('exceptions, the next to expire first; exits with 1 where one has expired or is due for review')
    .argument('[dir...]', 'only the exceptions in these directories (default: those of the configuration)')
    .addOption(exceptionsOption())
    .addOption(configOption())
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(async (directories: string[], options: Options) => {
      process.exitCode = await list(directories, options);
    });
}

async function list(directories: readonly string[], { config, format, exceptions: more }: Options): Promise<number> {
  const configuration = await loadConfiguration(config);
  const { exceptions, rejected } = await exceptionsIn(
    [...(directories.length === 0 ? configuration.exceptions.directories : directories), ...more],
    configuration.rules,
  );
  const now = systemClock.now();
  const urgentFirst = exceptions.toSorted((a, b) => a.expires - b.expires || (a.id < b.id ? -1 : 1));
  const out = writer(process.stdout);
  if (format === 'ndjson') for (const exception of urgentFirst) out.line(lineOf(exception, now));
  else if (urgentFirst.length === 0) out.line('no exceptions');
  else out.line(tableOf(urgentFirst, await ruleTitles(configuration), now));
  await out.end();
  for (const { file, line, reason } of rejected) {
    const place = `${file}${line === undefined ? '' : `:${line}`}`;
    process.stderr.write(`crosstrail: exception not used: ${printable(`${place}: ${reason}`)}\n`);
  }
  if (rejected.length > 0) return 2;
  return exceptions.some((exception) => stateOf(exception, now) !== 'active') ? 1 : 0;
}

async function exceptionsIn(
  directories: readonly string[],
  { placeholders }: Configuration['rules'],
): Promise<LoadedExceptions> {
  try {
    return await loadExceptions(directories, { placeholders });
  } catch (error) {
    throw new UnusableInputError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Titles of rules by what exceptions name them by. */
async function ruleTitles({ rules: wanted }: Configuration): Promise<ReadonlyMap<string, string>> {
  const { rules } = await rulesOf(wanted);
  return new Map(rules.flatMap(({ id, name = id, title }) => [[id, title] as const, [name, title] as const]));
}

/** Begun days until it expires; none where it has. */
const daysLeft = ({ expires }: Exception, now: number): number => Math.max(0, Math.ceil((expires - now) / DAY));

function lineOf(exception: Exception, now: number): string {
  const { id, title, rules, logsource, owner, reason, expires, review, ticket, file, line } = exception;
  const dates = { expires: new Date(expires).toISOString(), review: new Date(review).toISOString() };
  const state = { state: stateOf(exception, now), daysLeft: daysLeft(exception, now) };
  return JSON.stringify({
    type: 'exception',
    ...{ id, title, ...state, rules, logsource, owner, reason, ...dates, ticket, file, line },
  });
}

function tableOf(exceptions: readonly Exception[], titles: ReadonlyMap<string, string>, now: number): string {
  return table(exceptions, [
    {
      title: 'STATE',
      cell: (exception) => stateOf(exception, now),
      style: (exception, text) => styled(STYLES[stateOf(exception, now)], text),
    },
    { title: 'DAYS LEFT', cell: (exception) => String(daysLeft(exception, now)), right: true },
    { title: 'EXPIRES', cell: ({ expires }) => shownDate(expires), whole: true },
    { title: 'REVIEW', cell: ({ review }) => shownDate(review), whole: true },
    { title: 'EXCEPTION', cell: ({ id }) => id, max: 40 },
    { title: 'TITLE', cell: ({ title }) => title },
    { title: 'OWNER', cell: ({ owner }) => owner, max: 30 },
    { title: 'RULES', cell: ({ rules }) => shownRules(rules, titles), max: 80 },
  ]);
}

const shownRules = (rules: Exception['rules'], titles: ReadonlyMap<string, string>): string =>
  rules === 'any' ? 'any' : rules.map((name) => titles.get(name) ?? `${name} (unknown)`).join('; ');
