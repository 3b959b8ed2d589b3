import type { Command } from 'commander';
import type { HubMessage } from '../../platform/hubs.ts';
import { rejectedBytes } from '../../pipeline/read-body.ts';
import { decode } from '../../pipeline/sources/decode.ts';
import { sourceOf } from '../../pipeline/sources/registry.ts';
import { connectHubs, dataOption } from '../connection.ts';
import { bodiesOf, MAX_BODY_BYTES, openInput, writtenAt } from '../scan/bodies.ts';
import { filesOf } from '../scan/files.ts';

/** Records in one message, at most, and bytes: what Azure puts in one, and well under what a hub takes. */
const RECORDS = 50;
const BYTES = 250_000;
/** What a hub takes in one message, less room for its headers. */
const LARGEST_MESSAGE = 1_040_000;
/** Messages sent at a time. */
const MESSAGES = 20;
/** Where records go that no source recognises: they are dead-lettered like any other. */
const FALLBACK_HUB = 'cloudtrail';

/** `crosstrail replay <path>... --to <connection string>` */
export function replayCommand(program: Command): void {
  program
    .command('replay')
    .description('send the records of log files to the event hubs of a deployment, each to its source’s hub')
    .argument('<path...>', 'files, directories, or - for standard input')
    .addOption(dataOption())
    .option('--to <connection string>', 'the Event Hubs namespace to send to (default: the local edition)')
    .action(async (paths: string[], { data, to }: { data: string; to?: string }) => {
      const files = await filesOf(paths);
      const hubs = await connectHubs(data, to);
      const sender = new Sender((hub, messages) => hubs.send(hub, messages));
      try {
        for (const file of files) {
          const received = await writtenAt(file);
          for await (const body of bodiesOf(openInput(file))) await sendBody(body, sender, received);
        }
        await sender.flush();
      } finally {
        await hubs.close();
        process.stderr.write(`${sender.sent} records sent\n`);
      }
    });
}

/** What cannot be read here is sent as well: the pipeline keeps it as a dead letter and says why. */
async function sendBody(body: Uint8Array, sender: Sender, received: number | undefined): Promise<void> {
  let decoded;
  try {
    decoded = decode(body, MAX_BODY_BYTES, received);
  } catch {
    await sender.addMessage(FALLBACK_HUB, body);
    return;
  }
  const rejected: { index: number; reason: string }[] = [];
  for (const place of decoded) {
    if ('rejected' in place) rejected.push({ index: place.index, reason: 'not readable' });
    else await sender.add(sourceOf(place.record)?.hub ?? FALLBACK_HUB, JSON.stringify(place.record));
  }
  for (const { raw } of rejectedBytes(body, { rejected, places: decoded.length })) {
    await sender.addMessage(FALLBACK_HUB, raw);
  }
}

/** Gathers records into messages `{"records":[…]}` and messages into sends. */
class Sender {
  sent = 0;
  readonly #send: (hub: string, messages: readonly HubMessage[]) => Promise<void>;
  readonly #records = new Map<string, { texts: string[]; bytes: number }>();
  readonly #messages = new Map<string, HubMessage[]>();

  constructor(send: (hub: string, messages: readonly HubMessage[]) => Promise<void>) {
    this.#send = send;
  }

  async add(hub: string, record: string): Promise<void> {
    const group = this.#records.get(hub) ?? { texts: [], bytes: 0 };
    this.#records.set(hub, group);
    if (group.bytes + record.length > BYTES || group.texts.length >= RECORDS) await this.#close(hub);
    group.texts.push(record);
    group.bytes += record.length;
    this.sent++;
  }

  async addMessage(hub: string, body: Uint8Array): Promise<void> {
    if (body.length > LARGEST_MESSAGE) {
      process.stderr.write(`not sent: a piece of ${body.length} bytes is larger than a hub takes\n`);
      return;
    }
    const messages = this.#messages.get(hub) ?? [];
    this.#messages.set(hub, messages);
    messages.push({ body });
    if (messages.length >= MESSAGES) await this.#send(hub, messages.splice(0));
  }

  async flush(): Promise<void> {
    for (const hub of this.#records.keys()) await this.#close(hub);
    for (const [hub, messages] of this.#messages) await this.#send(hub, messages.splice(0));
  }

  async #close(hub: string): Promise<void> {
    const group = this.#records.get(hub);
    if (group === undefined || group.texts.length === 0) return;
    const body = new TextEncoder().encode(`{"records":[${group.texts.join(',')}]}`);
    group.texts = [];
    group.bytes = 0;
    await this.addMessage(hub, body);
  }
}
