import { Option, type Command } from 'commander';
import { parseDirectory } from '../../pipeline/timeline/identity/directory.ts';
import type { Alias, Explanation, LearnedLink } from '../../pipeline/timeline/identity/identity-graph.ts';
import { connectStorage, dataOption } from '../connection.ts';
import { findKeys } from '../entity/find-keys.ts';
import { keptGraph, readIdentities, type Identities } from '../entity/identities.ts';
import { writer } from '../output.ts';
import { readSnapshot } from '../scan/feeds.ts';
import { filesOf } from '../scan/files.ts';
import { sourceOf, withSourceOptions, type SourceOptions } from '../scan/source-option.ts';
import { printable, shownTime, styled, table } from '../terminal.ts';

interface Options extends SourceOptions {
  readonly data: string;
  readonly directory?: string;
  readonly format: 'table' | 'ndjson';
}

type Write = (line: string) => void;

/** More than this of one kind is counted, not shown, in tables. */
const MOST_SHOWN = 100;

/** `crosstrail entity <id> [logs...]` */
export function entityCommand(program: Command): void {
  const command = program
    .command('entity')
    .description('who an id stands for: its principal, all aliases across clouds, and why')
    .argument(
      '<id>',
      'an entity key, user principal name, ARN, Azure resource id, access key id, object id or user name',
    )
    .argument(
      '[logs...]',
      'the log files or directories to learn it from, or - for standard input; without any, what the deployment has learned',
    );
  withSourceOptions(command)
    .addOption(dataOption())
    .option('--directory <file>', 'a directory snapshot: users, service principals, managed identities (JSON or CSV)')
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(async (id: string, logs: string[], options: Options) => {
      process.exitCode = await run(id, logs, options);
    });
}

async function run(id: string, logs: readonly string[], options: Options): Promise<number> {
  const source = sourceOf(options);
  const directory = options.directory === undefined ? undefined : await readSnapshot(options.directory, parseDirectory);
  const identities =
    logs.length === 0 && directory === undefined
      ? await keptGraph((await connectStorage(options.data)).tables, undefined)
      : await readIdentities(logs.length === 0 ? [] : await filesOf(logs), directory, source);
  const out = writer(process.stdout);
  const found = tell(id, identities, options.format, out.line);
  await out.end();
  const { rejected, unreadable } = identities;
  for (const file of unreadable) process.stderr.write(`crosstrail: ${printable(file)}\n`);
  if (rejected > 0)
    process.stderr.write(`crosstrail: ${rejected} records could not be read; crosstrail scan says why\n`);
  return unreadable.length > 0 || !found ? 2 : 0;
}

/** @returns false where the id may mean several principals */
function tell(id: string, { graph, known }: Identities, format: Options['format'], write: Write): boolean {
  const keys = findKeys(id, known);
  const principals = [...new Set(keys.map((key) => graph.resolve(key)))];
  const [key] = keys;
  if (key === undefined) {
    if (format === 'table') write(`nothing is known of ${printable(id)}`);
    return true;
  }
  const nameOf = (of: string): string | undefined => known.get(of);
  if (principals.length > 1) {
    const candidates = keys.map((each) => ({ key: each, principal: graph.resolve(each), label: nameOf(each) }));
    if (format === 'ndjson') for (const each of candidates) write(JSON.stringify({ type: 'candidate', ...each }));
    else {
      write(`${printable(id)} may mean ${principals.length} principals; ask for one of these keys:`);
      write(
        table(candidates, [
          { title: 'KEY', cell: (each) => each.key, max: 120, whole: true },
          { title: 'NAME', cell: ({ label }) => label ?? '' },
          { title: 'PRINCIPAL', cell: ({ principal }) => principal, max: 120 },
        ]),
      );
    }
    return false;
  }
  const explanation = graph.explain(key);
  // Of a key that is only an id, an alias has the name.
  const label = [explanation.principal, ...explanation.aliases.map((alias) => alias.key)].map(nameOf).find(Boolean);
  if (format === 'ndjson') write(JSON.stringify({ type: 'entity', label, ...explanation }));
  else show(explanation, label, (each) => graph.resolve(each), write);
  return true;
}

const WEAKNESSES = {
  shared: 'shared by its nature: nobody is joined over it',
  contested: 'said to belong to several who cannot be one: nobody is joined over it',
  crowded: 'linked with too many ids: nobody is joined over it',
} as const;

function show(
  { key, principal, weakness, aliases, actedAs, suspected }: Explanation,
  label: string | undefined,
  resolve: (key: string) => string,
  write: Write,
): void {
  write(`${styled('bold', 'principal')}  ${printable(label === undefined ? principal : `${principal}  ${label}`)}`);
  if (weakness !== undefined) write(`${styled('yellow', weakness)}  ${printable(key)} is ${WEAKNESSES[weakness]}`);
  section(write, 'also known as', aliases, [
    { title: 'ALIAS', cell: ({ key: alias }: Alias) => alias, max: 120, whole: true },
    { title: 'CONFIDENCE', cell: ({ confidence }) => confidence.toFixed(2), right: true },
    { title: 'WHY', cell: ({ path }) => path.map(({ evidence }) => evidence.what).join(', then '), max: 160 },
    { title: 'EVIDENCE', cell: ({ path }) => path.map(shownEvidence).join(', '), max: 160 },
  ]);
  section(write, 'who acted as whom', actedAs, [
    { title: 'PRINCIPAL', cell: ({ one }: LearnedLink) => resolve(one), max: 100 },
    { title: 'WITH', cell: ({ one }) => one, max: 100 },
    { title: 'AS', cell: ({ other }) => other, max: 120 },
    { title: 'FROM (UTC)', cell: ({ evidence }) => shownTime(evidence.time) },
    { title: 'LAST (UTC)', cell: ({ lastSeen }) => shownTime(lastSeen) },
    { title: 'EVIDENCE', cell: shownEvidence, max: 100 },
  ]);
  section(write, 'only suspected, joins nothing', suspected, [
    { title: 'HOLDER', cell: ({ one }: LearnedLink) => one, max: 100 },
    { title: 'ID', cell: ({ other }) => other, max: 120 },
    { title: 'CONFIDENCE', cell: ({ confidence }) => confidence.toFixed(2), right: true },
    { title: 'WHY', cell: ({ evidence }) => evidence.what, max: 80 },
    { title: 'EVIDENCE', cell: shownEvidence, max: 100 },
  ]);
}

function section<T>(write: Write, title: string, rows: readonly T[], columns: Parameters<typeof table<T>>[1]): void {
  if (rows.length === 0) return;
  write(`\n${styled('bold', title)}`);
  write(table(rows.slice(0, MOST_SHOWN), columns));
  if (rows.length > MOST_SHOWN) write(`and ${rows.length - MOST_SHOWN} more; --format ndjson shows all`);
}

const shownEvidence = ({ evidence }: LearnedLink): string =>
  evidence.source === 'directory' ? `directory, ${evidence.eventId}` : evidence.eventId;
