import { Option, type Command } from 'commander';
import { jsonSource } from '../../pipeline/sources/json/index.ts';
import { SOURCES } from '../../pipeline/sources/registry.ts';
import type { Source } from '../../pipeline/sources/source.ts';
import { UnusableInputError } from './files.ts';

/** What {@link withSourceOptions} adds to the options of a command. */
export interface SourceOptions {
  readonly source: string;
  readonly timeField?: string;
}

/** Adds `--source` and `--time-field` to a command that reads records from files. */
export function withSourceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--source <id>',
        'whose records these are; json passes records through, and every rule applies to them',
      )
        .choices(['auto', ...SOURCES.map(({ id }) => id), 'json'])
        .default('auto'),
    )
    .option('--time-field <path>', 'dotted path of the event time, with --source json');
}

/**
 * The source that the options name; undefined where each record is asked whose it is.
 * @throws UnusableInputError where `--time-field` stands with another source than `json`
 */
export function sourceOf({ source, timeField }: SourceOptions): Source | undefined {
  if (timeField !== undefined && source !== 'json') {
    throw new UnusableInputError('--time-field goes with --source json: the other sources know their own times');
  }
  if (source === 'json') return jsonSource(timeField);
  return SOURCES.find(({ id }) => id === source);
}
