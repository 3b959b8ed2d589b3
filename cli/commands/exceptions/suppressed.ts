import { Option, type Command } from 'commander';
import { SuppressedStore, type SuppressedSignal } from '../../../pipeline/incidents/suppressed-store.ts';
import { connectStorage, dataOption } from '../../connection.ts';
import { writer } from '../../output.ts';
import { UnusableInputError } from '../../scan/files.ts';
import { shownTime, styledLevel, table } from '../../terminal.ts';
import { sinceOption } from '../../time-option.ts';

interface Options {
  readonly data: string;
  readonly exception?: string;
  readonly since?: string;
  readonly limit: number;
  readonly format: 'table' | 'ndjson';
}

/** `crosstrail exceptions suppressed` */
export function suppressedCommand(exceptions: Command): void {
  exceptions
    .command('suppressed')
    .description('signals that exceptions kept from raising an alert, newest event first')
    .addOption(dataOption())
    .option('--exception <id>', 'only by this exception')
    .option(
      '--since <time>',
      'only events from this time on (UTC unless it says otherwise), or of a span such as 7d until now',
    )
    .option('--limit <n>', 'at most this many', (text) => Number.parseInt(text, 10), 50)
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(show);
}

async function show({ data, exception, since, limit, format }: Options): Promise<void> {
  if (!(limit >= 1)) throw new UnusableInputError('--limit: expected a whole number from 1');
  const from = since === undefined ? undefined : sinceOption(since);
  const store = new SuppressedStore((await connectStorage(data)).tables);
  const signals: SuppressedSignal[] = [];
  for await (const signal of store.list({ exception, since: from })) {
    signals.push(signal);
    if (signals.length >= limit) break;
  }
  const out = writer(process.stdout);
  if (format === 'ndjson') for (const signal of signals) out.line(lineOf(signal));
  else out.line(signals.length === 0 ? 'nothing was suppressed' : tableOf(signals));
  await out.end();
}

function lineOf({ exception, rule, event }: SuppressedSignal): string {
  const { id, recordId, time, principal } = event;
  const about = { eventId: id, recordId, time: new Date(time).toISOString(), principal };
  return JSON.stringify({ type: 'suppressed', exception, rule, ...about });
}

function tableOf(signals: readonly SuppressedSignal[]): string {
  return table(signals, [
    { title: 'TIME (UTC)', cell: ({ event }) => shownTime(event.time), whole: true },
    { title: 'LEVEL', cell: ({ rule }) => rule.level, style: ({ rule }, text) => styledLevel(rule.level, text) },
    { title: 'RULE', cell: ({ rule }) => rule.title },
    { title: 'EXCEPTION', cell: ({ exception }) => exception, max: 40 },
    { title: 'PRINCIPAL', cell: ({ event }) => event.principal, max: 70 },
    { title: 'RECORD', cell: ({ event }) => event.recordId, max: 40 },
  ]);
}
