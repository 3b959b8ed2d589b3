import { Option, type Command } from 'commander';
import type { Tables } from '../../platform/storage/ports.ts';
import { parseTime } from '../../pipeline/sources/shared/time.ts';
import { parseAddress } from '../../pipeline/sources/shared/address.ts';
import { operationOf } from '../../pipeline/timeline/action-of.ts';
import { arnKey, armKey, ipKey, upnKey } from '../../pipeline/timeline/entity-keys.ts';
import { isCredential, isIdentity } from '../../pipeline/timeline/identity/key-traits.ts';
import {
  timelineStore,
  type StoredEvent,
  type TimelineQuery,
  type TimelineStore,
} from '../../pipeline/timeline/store.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';
import { connectStorage, dataOption } from '../connection.ts';
import { keptGraph } from '../entity/identities.ts';
import { writer } from '../output.ts';
import { UnusableInputError } from '../scan/files.ts';
import { shownTime, table } from '../terminal.ts';

/** The most that the store gives at once. */
const PAGE = 1000;

interface Options {
  readonly data: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly oldest?: boolean;
  readonly only?: boolean;
  readonly format: string;
}

/** `crosstrail timeline <entity>` */
export function timelineCommand(program: Command): void {
  program
    .command('timeline')
    .description(
      'what happened around one entity, in order of event time; around a person or workload, under all their names in all clouds',
    )
    .argument('<entity>', 'an entity key, an IP address, an ARN, an Azure resource id, or a user principal name')
    .addOption(dataOption())
    .option('--from <time>', 'not before this time (UTC unless it says otherwise)')
    .option('--to <time>', 'before this time')
    .option('--oldest', 'oldest first, instead of newest first')
    .option('--only', 'under this one key alone')
    .option('--limit <n>', 'at most this many events', (text) => Number.parseInt(text, 10), 50)
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson', 'ocsf']).default('table'))
    .action(show);
}

async function show(entity: string, { data, from, to, limit, oldest, only, format }: Options): Promise<void> {
  const { tables } = await connectStorage(data);
  const order = oldest === true ? 'oldest' : 'newest';
  const range = { from: timeOf('--from', from), to: timeOf('--to', to), order } as const;
  const keys = only === true ? [keyOf(entity)] : await namesOf(keyOf(entity), tables);
  const events = await aroundAll(keys, (key) => upTo(limit, timelineStore(tables), key, range), { limit, order });
  const out = writer(process.stdout);
  if (format === 'ocsf') for (const { ocsf } of events) out.line(JSON.stringify(ocsf));
  else if (format === 'ndjson') for (const event of events) out.line(JSON.stringify({ type: 'event', ...event }));
  else if (events.length === 0) out.line(`nothing is known of ${keyOf(entity)} in this time`);
  else {
    out.line(
      table(events, [
        { title: 'TIME (UTC)', cell: ({ time }) => shownTime(time) },
        { title: 'SOURCE', cell: ({ source }) => source },
        { title: 'WHAT', cell: ({ ocsf }) => operationOf(ocsf) ?? ocsf.message ?? '', max: 70 },
        { title: 'PRINCIPAL', cell: shownPrincipal, max: 60 },
        { title: 'SIGNALS', cell: ({ signals }) => signals.map(shownSignal).join('; '), max: 60 },
      ]),
    );
  }
  await out.end();
}

/** By the name that the record gives, where it gives one: keys begin alike, and are cut where they differ. */
const shownPrincipal = ({ principal, entities }: StoredEvent): string =>
  entities.find(({ key, label }) => key === principal && label !== undefined)?.label ?? principal;

const shownSignal = ({ rule, suppressed }: Signal): string =>
  suppressed === undefined ? rule.title : `${rule.title} (suppressed by ${suppressed.exception})`;

/** More names of one principal than this are not looked up. */
const MAX_NAMES = 200;

/** The key, and all others of the same principal. */
async function namesOf(key: string, tables: Tables): Promise<readonly string[]> {
  if (!isIdentity(key) && !isCredential(key)) return [key];
  const { graph } = await keptGraph(tables, undefined);
  return [...new Set([key, ...graph.membersOf(key)])].slice(0, MAX_NAMES);
}

/** The events around several keys, each once. */
async function aroundAll(
  keys: readonly string[],
  read: (key: string) => Promise<readonly StoredEvent[]>,
  { limit, order }: { readonly limit: number; readonly order: 'oldest' | 'newest' },
): Promise<StoredEvent[]> {
  const events = new Map<string, StoredEvent>();
  for (const key of keys) for (const event of await read(key)) events.set(event.id, event);
  const direction = order === 'oldest' ? 1 : -1;
  const sorted = [...events.values()].sort((a, b) => direction * (a.time - b.time || (a.id < b.id ? -1 : 1)));
  return keys.length === 1 ? [...events.values()] : sorted.slice(0, limit);
}

/** Reads pages until there are as many events as wanted, or no more. */
async function upTo(
  limit: number,
  timeline: TimelineStore,
  key: string,
  range: Omit<TimelineQuery, 'limit' | 'cursor'>,
): Promise<StoredEvent[]> {
  if (!(limit >= 1)) throw new UnusableInputError('--limit: expected a whole number from 1');
  const events: StoredEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await timeline.byEntity(key, { ...range, limit: Math.min(limit - events.length, PAGE), cursor });
    events.push(...page.events);
    cursor = page.cursor;
  } while (cursor !== undefined && events.length < limit);
  return events;
}

/** People name entities as they know them; a key of ours has a prefix of its own. */
function keyOf(entity: string): string {
  const { ip } = parseAddress(entity);
  if (ip !== undefined) return ipKey(ip);
  if (entity.startsWith('arn:')) return arnKey(entity);
  if (/^\/(subscriptions|tenants|providers)\//i.test(entity)) return armKey(entity);
  if (/^[^:@\s]+@[^:@\s]+$/.test(entity)) return upnKey(entity);
  return entity;
}

function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = parseTime(text);
  if (time === undefined)
    throw new UnusableInputError(`${option}: expected a time such as 2026-11-20T10:00:00Z, found ${text}`);
  return time;
}
