import type { Command } from 'commander';
import { EvidenceLog, type EvidenceEntry } from '../../pipeline/response/evidence.ts';
import { dataOption } from '../connection.ts';
import { writer } from '../output.ts';
import { evidenceLine, evidencePage, evidenceTable } from '../response/evidence-page.ts';
import { complain, formatOption, NOT_DONE, show, type Format } from '../response/options.ts';
import { requireKept, responseStorage } from '../response/response-storage.ts';
import { UnusableInputError } from '../scan/files.ts';
import { printable } from '../terminal.ts';

interface Options {
  readonly data: string;
  readonly format: Format;
}

interface VerifyOptions extends Options {
  readonly head?: string;
}

interface ListOptions extends Options {
  readonly response?: string;
  readonly from: number;
  readonly limit: number;
}

/** `crosstrail evidence verify|list|show` */
export function evidenceCommand(program: Command): void {
  const evidence = program
    .command('evidence')
    .description('the record of all that responses decided and did, each entry bound to the one before');
  evidence
    .command('verify')
    .description('goes through all entries: was any changed, taken out or added?')
    .addOption(dataOption())
    .option('--head <hash>', 'the hash of an entry that was noted elsewhere: it must be there')
    .addOption(formatOption())
    .action(async (options: VerifyOptions) => {
      process.exitCode = await verify(options);
    });
  evidence
    .command('list')
    .description('entries, the oldest first')
    .addOption(dataOption())
    .option('--response <id>', 'only those of a response, by its id or the beginning of it')
    .option('--from <number>', 'from this entry on', whole, 1)
    .option('--limit <n>', 'at most this many', whole, 200)
    .addOption(formatOption())
    .action(list);
  evidence
    .command('show')
    .description('one entry, whole')
    .argument('<number>', 'its number', whole)
    .addOption(dataOption())
    .addOption(formatOption())
    .action(showEntry);
}

const whole = (text: string): number => (/^\d{1,12}$/.test(text) ? Number(text) : NaN);

/** @returns the exit status */
async function verify({ data, head, format }: VerifyOptions): Promise<number> {
  const wanted = head?.trim().toLowerCase();
  if (wanted !== undefined && !/^[0-9a-f]{64}$/.test(wanted)) {
    throw new UnusableInputError(`--head: expected a hash of 64 digits, found ${printable((head ?? '').slice(0, 80))}`);
  }
  requireKept(data);
  const { storage, close } = await responseStorage(data);
  try {
    const check = await new EvidenceLog(storage).verify({ head: wanted });
    const { entries, problems } = check;
    const intact = problems.length === 0;
    const page = intact
      ? `${entries} entries, intact${entries === 0 ? '' : `; the last has the hash ${check.head}`}`
      : [`the evidence is broken: ${problems[0] ?? ''}`, ...problems.slice(1).map((one) => `  also: ${one}`)].join(
          '\n',
        );
    await show(format, page, { type: 'evidence', intact, ...check });
    return intact ? 0 : NOT_DONE;
  } finally {
    close();
  }
}

async function list({ data, response, from, limit, format }: ListOptions): Promise<void> {
  if (!(from >= 1)) throw new UnusableInputError('--from: expected a whole number from 1');
  if (!(limit >= 1)) throw new UnusableInputError('--limit: expected a whole number from 1');
  const wanted =
    response === undefined
      ? ''
      : `response-${response
          .trim()
          .toLowerCase()
          .replace(/^response-/, '')}`;
  requireKept(data);
  const { storage, close } = await responseStorage(data);
  try {
    const found: EvidenceEntry[] = [];
    for await (const entry of new EvidenceLog(storage).entries(from)) {
      if (!entry.response.startsWith(wanted)) continue;
      if (found.length === limit) {
        complain(`there are more; --from ${entry.number} goes on`);
        break;
      }
      found.push(entry);
    }
    const out = writer(process.stdout);
    if (format === 'json') for (const entry of found) out.line(JSON.stringify(evidenceLine(entry)));
    else out.line(found.length === 0 ? 'no entries' : evidenceTable(found));
    await out.end();
  } finally {
    close();
  }
}

async function showEntry(number: number, { data, format }: Options): Promise<void> {
  if (!(number >= 1)) throw new UnusableInputError('expected the number of an entry, from 1');
  requireKept(data);
  const { storage, close } = await responseStorage(data);
  try {
    for await (const entry of new EvidenceLog(storage).entries(number)) {
      if (entry.number !== number) break;
      await show(format, evidencePage(entry), evidenceLine(entry));
      return;
    }
    throw new UnusableInputError(`there is no entry ${number}; crosstrail evidence list shows what there is`);
  } finally {
    close();
  }
}
