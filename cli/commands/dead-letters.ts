import { Option, type Command } from 'commander';
import { listDeadLetters, replayDeadLetter } from '../../pipeline/dead-letters.ts';
import { connectHubs, connectStorage, dataOption } from '../connection.ts';
import { writer } from '../output.ts';
import { shownTime, table } from '../terminal.ts';

interface Options {
  readonly data: string;
  readonly hub?: string;
}

/** `crosstrail dead-letters list|replay` */
export function deadLettersCommand(program: Command): void {
  const command = program.command('dead-letters').description('records that could not be read');
  command
    .command('list')
    .description('what could not be read, why, and where it came from')
    .addOption(dataOption())
    .option('--hub <name>', 'only what came from this hub')
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(list);
  command
    .command('replay')
    .description('send dead letters to their hubs again, after what kept them from being read was mended')
    .argument('[name...]', 'names as list shows them; all where none is given')
    .addOption(dataOption())
    .option('--hub <name>', 'only what came from this hub')
    .option('--to <connection string>', 'the Event Hubs namespace to send to')
    .action(replay);
}

async function list({ data, hub, format }: Options & { readonly format: string }): Promise<void> {
  const { blobs } = await connectStorage(data);
  const letters = await Array.fromAsync(listDeadLetters(blobs, hub));
  const out = writer(process.stdout);
  if (format === 'ndjson') for (const letter of letters) out.line(JSON.stringify({ type: 'dead-letter', ...letter }));
  else if (letters.length === 0) out.line('no dead letters');
  else {
    out.line(
      table(letters, [
        { title: 'NAME', cell: ({ name }) => name, max: 80 },
        { title: 'ENQUEUED (UTC)', cell: ({ origin }) => shownTime(origin.enqueued) },
        { title: 'RECORDS', cell: ({ records }) => String(records), right: true },
        { title: 'BYTES', cell: ({ size }) => String(size), right: true },
        { title: 'REASON', cell: ({ reason }) => reason, max: 100 },
      ]),
    );
  }
  await out.end();
}

async function replay(names: readonly string[], { data, hub, to }: Options & { readonly to?: string }): Promise<void> {
  const { blobs } = await connectStorage(data);
  const hubs = await connectHubs(data, to);
  let sent = 0;
  try {
    for await (const letter of listDeadLetters(blobs, hub)) {
      if (names.length > 0 && !names.includes(letter.name)) continue;
      await replayDeadLetter(letter, { blobs, hubs });
      sent++;
    }
  } finally {
    await hubs.close();
    process.stderr.write(`${sent} dead letters sent again\n`);
  }
}
