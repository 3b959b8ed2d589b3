import type { TokenCredential } from '@azure/core-auth';
import { Option, type Command } from 'commander';
import { hasLapsed, openRequest, shownReason } from '../../pipeline/response/approval/decide.ts';
import type { ApprovalRequest, Response } from '../../pipeline/response/response.ts';
import { IncidentStore } from '../../pipeline/incidents/incident-store.ts';
import { approvalLine, approvalTable, approvalText, type Asked } from '../approvals/approval-page.ts';
import { approvingPerson } from '../approvals/approving-person.ts';
import { dataOption } from '../connection.ts';
import { writer } from '../output.ts';
import { connectResponses, type ConnectedResponses, type ResponseOptions } from '../response/connect-responses.ts';
import { findResponse } from '../response/find-response.ts';
import { configOption, formatOption, NOT_DONE, reasonOption, show, type Format } from '../response/options.ts';
import { inAzure, requireKept } from '../response/response-storage.ts';
import { follow } from '../response/run-action.ts';
import { UnusableInputError } from '../scan/files.ts';
import { printable } from '../terminal.ts';

interface Options extends ResponseOptions {
  readonly format: Format;
  readonly reason?: string;
  readonly plan?: string;
}

/** What stands in place of what there is, for tests. */
export type ApprovalOthers = Parameters<typeof connectResponses>[1] & {
  readonly credential?: TokenCredential;
  readonly inAzure?: boolean;
};

type Work = (connected: ConnectedResponses, options: Options) => Promise<number>;

const MOST_LISTED = 10_000;

/** `crosstrail approvals list|show|approve|decline` */
export function approvalsCommand(program: Command, others: ApprovalOthers = {}): void {
  const approvals = program.command('approvals').description('what responses would do, and people decide about');
  const id = ['<response>', 'its id, or the beginning of it'] as const;
  const onOne = (work: (id: string) => Work) => async (text: string, options: Options) =>
    run(work(text), options, others);

  command(approvals, 'list', 'what waits for approval, what ends first first').action((options: Options) =>
    run(list, options, others),
  );
  command(approvals, 'show', 'what would be done, why, and who answered so far')
    .argument(...id)
    .action(onOne((text) => async (connected, options) => showOne(text, connected, options)));
  command(approvals, 'approve', 'approves a plan as it was shown')
    .argument(...id)
    .addOption(planOption().makeOptionMandatory())
    .addOption(reasonOption())
    .action(onOne((text) => (connected, options) => answer(text, 'approve', connected, { ...options, others })));
  command(approvals, 'decline', 'declines; one who does decides')
    .argument(...id)
    .addOption(planOption())
    .addOption(reasonOption().makeOptionMandatory())
    .action(onOne((text) => (connected, options) => answer(text, 'decline', connected, { ...options, others })));
}

const command = (approvals: Command, name: string, description: string): Command =>
  approvals
    .command(name)
    .description(description)
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(formatOption());

const planOption = (): Option =>
  new Option('--plan <hash>', 'the plan that is meant, by the beginning of its hash, as show prints it').argParser(
    (text: string) => {
      if (/^[0-9a-f]{12,64}$/.test(text)) return text;
      throw new UnusableInputError(
        '--plan: expected 12 or more digits of the hash, as crosstrail approvals show prints them',
      );
    },
  );

/** Connects, does it, and closes; what it gives is the exit status. */
async function run(work: Work, options: Options, others: ApprovalOthers): Promise<void> {
  requireKept(options.data);
  const connected = await connectResponses(options, others);
  try {
    process.exitCode = await work(connected, options);
  } finally {
    connected.close();
  }
}

/** The request of a response that can be answered now. */
function answerable(response: Response, { configuration, clock }: ConnectedResponses): ApprovalRequest | undefined {
  const { approval: rules } = configuration.response;
  return hasLapsed(response, rules, clock.now()) ? undefined : openRequest(response, rules);
}

async function list(connected: ConnectedResponses, { format }: Options): Promise<number> {
  const asked: Asked[] = [];
  for await (const response of connected.responses.list({ open: true, limit: MOST_LISTED })) {
    const request = answerable(response, connected);
    if (request !== undefined) asked.push({ response, request });
  }
  asked.sort((a, b) => a.request.expires - b.request.expires);
  const out = writer(process.stdout);
  if (format === 'json') for (const { response } of asked) out.line(JSON.stringify(approvalLine(response, true)));
  else out.line(asked.length === 0 ? 'nothing waits for approval' : approvalTable(asked, connected.clock.now()));
  await out.end();
  return 0;
}

async function showOne(text: string, connected: ConnectedResponses, { format }: Options): Promise<number> {
  const response = await findResponse(connected.responses, text);
  const open = answerable(response, connected);
  const incidents = new IncidentStore(connected.storage.tables);
  const incident = response.incident === undefined ? undefined : (await incidents.get(response.incident))?.incident;
  const page = approvalText(response, { open, incident, now: connected.clock.now() });
  await show(format, page, approvalLine(response, open !== undefined));
  return 0;
}

async function answer(
  text: string,
  said: 'approve' | 'decline',
  connected: ConnectedResponses,
  { format, reason, plan, others }: Options & { readonly others: ApprovalOthers },
): Promise<number> {
  const { responses, configuration, clock, folder } = connected;
  if (said === 'decline' && shownReason(reason) === undefined)
    throw new UnusableInputError('--reason: say why you decline');
  const found = await findResponse(responses, text);
  const { planHash = '', number = 0 } = found.approval ?? {};
  const by = await approvingPerson({
    ...{ configuration, clock, credential: others.credential },
    inAzure: others.inAzure ?? inAzure(),
  });
  // A plan that was shown, and is not as it was, is answered as it was shown: so nothing unseen is approved.
  const meant = plan === undefined || planHash.startsWith(plan) ? planHash : plan;
  const verdict = await responses.answer(found.id, {
    planHash: meant,
    number,
    by,
    answer: said,
    reason: shownReason(reason),
  });
  const { outcome, why, decision } = verdict;
  let { response } = verdict;
  // Where no deployment works on what was decided, this process does.
  if (folder !== undefined && decision !== undefined) {
    response = await follow(responses, (await responses.advance(found.id)) ?? response, clock);
  }
  const line = approvalLine(response, answerable(response, connected) !== undefined);
  const page = `${printable(why)} ${response.id} is ${response.state}`;
  await show(format, page, { ...line, type: 'answer', outcome, why, by: by.id });
  return ['counted', 'decided', 'again'].includes(outcome) ? 0 : NOT_DONE;
}
