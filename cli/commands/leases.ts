import { Option, type Command } from 'commander';
import type { Response, Step } from '../../pipeline/response/response.ts';
import { ResponseRequestError, type Responses } from '../../pipeline/response/responses.ts';
import { isLeased } from '../../pipeline/response/states.ts';
import { parseTime } from '../../pipeline/sources/shared/time.ts';
import { parseDuration } from '../../platform/duration.ts';
import { dataOption } from '../connection.ts';
import {
  connectResponses,
  thisPerson,
  type ConnectedResponses,
  type ResponseOptions,
} from '../response/connect-responses.ts';
import { findResponse } from '../response/find-response.ts';
import { leaseLine, leaseTable, type Held } from '../response/lease-table.ts';
import {
  configOption,
  formatOption,
  NOT_DONE,
  reasonOf,
  reasonOption,
  show,
  type Format,
} from '../response/options.ts';
import { responseLine, responsePage } from '../response/response-page.ts';
import { requireKept } from '../response/response-storage.ts';
import { follow, undoAll } from '../response/run-action.ts';
import { UnusableInputError } from '../scan/files.ts';
import { printable } from '../terminal.ts';
import { writer } from '../output.ts';

interface Options extends ResponseOptions {
  readonly format: Format;
  readonly reason?: string;
  readonly step?: string;
}

const MOST_LISTED = 10_000;

/** `crosstrail leases list|extend|undo|sweep` */
export function leasesCommand(program: Command, others: Parameters<typeof connectResponses>[1] = {}): void {
  const act = acting(others);
  const leases = program.command('leases').description('what responses hold for a time, and until when');
  command(leases, 'list', 'what is held, what ends first first').action(act(list));
  command(leases, 'extend', 'lets what a response holds end at another time')
    .argument('<response>', 'its id, or the beginning of it')
    .requiredOption('--until <time>', 'a time such as 2026-11-21T18:00:00Z, or a span from now such as 4h')
    .addOption(stepOption())
    .addOption(reasonOption())
    .action(async (id: string, options: Options & { readonly until: string }) => {
      await act((connected: ConnectedResponses) => extend(id, options, connected))(options);
    });
  command(leases, 'undo', 'takes back what a response holds now')
    .argument('<response>', 'its id, or the beginning of it')
    .addOption(stepOption())
    .option('--force', 'also where somebody else changed it since')
    .addOption(reasonOption())
    .action(async (id: string, options: Options & { readonly force?: boolean }) => {
      await act((connected: ConnectedResponses) => undo(id, options, connected))(options);
    });
  command(
    leases,
    'sweep',
    'takes back what is over, and looks whether the rest is in place: what the timer does',
  ).action(act(sweep));
}

const command = (leases: Command, name: string, description: string): Command =>
  leases
    .command(name)
    .description(description)
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(formatOption());

const stepOption = (): Option => new Option('--step <id>', 'only this step of it, by the beginning of its id');

/** Connects, does it, and closes; what it gives is the exit status. */
const acting =
  (others: Parameters<typeof connectResponses>[1]) =>
  (work: (connected: ConnectedResponses, options: Options) => Promise<number>) =>
  async (options: Options): Promise<void> => {
    requireKept(options.data);
    const connected = await connectResponses(options, others);
    try {
      process.exitCode = await work(connected, options);
    } catch (error) {
      throw error instanceof ResponseRequestError ? new UnusableInputError(error.message) : error;
    } finally {
      connected.close();
    }
  };

/** All that is held, what ends first first. */
async function heldBy(responses: Pick<Responses, 'list'>): Promise<Held[]> {
  const held: Held[] = [];
  for await (const response of responses.list({ open: true, limit: MOST_LISTED })) {
    for (const step of response.steps.filter(isLeased)) held.push({ response, step });
  }
  return held.sort((a, b) => (a.step.lease?.until ?? 0) - (b.step.lease?.until ?? 0));
}

async function list({ responses, clock }: ConnectedResponses, { format }: Options): Promise<number> {
  const held = await heldBy(responses);
  const out = writer(process.stdout);
  if (format === 'json') for (const one of held) out.line(JSON.stringify(leaseLine(one)));
  else out.line(held.length === 0 ? 'nothing is held' : leaseTable(held, clock.now()));
  await out.end();
  return 0;
}

/** Until when: a time, or a span from now on. @throws UnusableInputError */
function untilOption(text: string, now: number): number {
  const span = parseDuration(text);
  const time = span === undefined ? parseTime(text) : now + span;
  if (time !== undefined && time > now) return time;
  throw new UnusableInputError(
    `--until: expected a time to come such as 2026-11-21T18:00:00Z, or a span such as 4h, found ${printable(text.slice(0, 80))}`,
  );
}

/** The steps that a person means. @throws UnusableInputError where none is */
function stepsOf(response: Response, step: string | undefined): readonly Step[] {
  const meant = response.steps.filter((one) => isLeased(one) && one.id.startsWith(step ?? ''));
  if (meant.length > 0) return meant;
  throw new UnusableInputError(
    `${response.id} holds nothing${step === undefined ? '' : ` by a step ${printable(step)}`}`,
  );
}

async function extend(
  id: string,
  { until, step, reason, format }: Options & { readonly until: string },
  { responses, actions, clock }: ConnectedResponses,
): Promise<number> {
  let response = await findResponse(responses, id);
  const asked = { until: untilOption(until, clock.now()), by: thisPerson().id, reason: reasonOf(reason) };
  for (const one of stepsOf(response, step)) response = await responses.extend(response.id, one.id, asked);
  await show(format, responsePage(response), responseLine(response, actions));
  return 0;
}

async function undo(
  id: string,
  { step, reason, force = false, format }: Options & { readonly force?: boolean },
  { responses, actions, clock }: ConnectedResponses,
): Promise<number> {
  const response = await findResponse(responses, id);
  const steps = stepsOf(response, step);
  const ended = await undoAll(
    responses,
    { response, steps },
    { by: thisPerson().id, reason: reasonOf(reason), force },
    clock,
  );
  await show(format, responsePage(ended), responseLine(ended, actions));
  const isUndone = ({ id: wanted }: Step) => ended.steps.find((one) => one.id === wanted)?.state === 'undone';
  return steps.every(isUndone) ? 0 : NOT_DONE;
}

async function sweep({ responses, actions, clock, folder }: ConnectedResponses, { format }: Options): Promise<number> {
  if (folder === undefined) {
    const count = await responses.sweep();
    await show(format, `${count} responses are due; the deployment works on them`, { type: 'sweep', queued: count });
    return 0;
  }
  const due = await Array.fromAsync(responses.store.due(clock.now()));
  const swept: Response[] = [];
  for (const id of due) {
    const response = await responses.advance(id);
    if (response !== undefined) swept.push(await follow(responses, response, clock));
  }
  const failed = swept.filter(({ steps }) =>
    steps.some(({ state }) => state === 'undo-refused' || state === 'undoing'),
  );
  const page = swept.length === 0 ? 'nothing was due' : swept.map(responsePage).join('\n');
  await show(format, page, { type: 'sweep', responses: swept.map((response) => responseLine(response, actions)) });
  return failed.length === 0 ? 0 : NOT_DONE;
}
