import { ACTIONS } from '../../../playbooks/registry.ts';
import { ActionError } from '../../../playbooks/contract/action-error.ts';
import type { Response } from '../../../pipeline/response/response.ts';
import { isInPlace } from '../../../pipeline/response/states.ts';
import { actionNamed, readParameters } from '../../response/action-parameters.ts';
import { confirm, isTerminal, ownTerminal } from '../../response/confirm.ts';
import { connectResponses, thisPerson, type ConnectedResponses } from '../../response/connect-responses.ts';
import { findResponse } from '../../response/find-response.ts';
import { complain, NOT_DONE, reasonOf, show, type Format } from '../../response/options.ts';
import { responseLine, responsePage } from '../../response/response-page.ts';
import { requireKept } from '../../response/response-storage.ts';
import { undoableOf, undoAll, type Meant } from '../../response/run-action.ts';
import { UnusableInputError } from '../../scan/files.ts';
import { printable } from '../../terminal.ts';

export interface UndoOptions {
  readonly data: string;
  readonly config?: string;
  readonly param: readonly string[];
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly reason?: string;
  readonly format: Format;
}

/** `crosstrail playbooks undo`. @returns the exit status @throws UnusableInputError */
export async function undo(
  what: string,
  options: UndoOptions,
  actions = ACTIONS,
  terminal = ownTerminal,
): Promise<number> {
  requireKept(options.data);
  const connected = await connectResponses(options, { actions });
  try {
    const { found, undone } = await meant(what, options, connected);
    const changes = found.flatMap(({ steps }) => steps.flatMap((step) => step.changes));
    if (found.length > 0 && options.yes !== true && isTerminal(terminal)) {
      const lines = changes.map(({ change }) => `  ${printable(change.undo ?? change.summary)}`);
      process.stderr.write(`${lines.join('\n')}\n`);
      if (!(await confirm('Take this back?', terminal))) {
        complain('nothing was done');
        return NOT_DONE;
      }
    }
    return await takeBack({ found, undone }, options, connected);
  } finally {
    connected.close();
  }
}

async function takeBack(
  { found, undone }: Meant,
  { force = false, reason, format }: UndoOptions,
  { responses, actions, clock }: ConnectedResponses,
): Promise<number> {
  const asked = { by: thisPerson().id, reason: reasonOf(reason), force };
  const ended: Response[] = [];
  let all = true;
  for (const one of found) {
    const response = await undoAll(responses, one, asked, clock);
    ended.push(response);
    const wanted = new Set(one.steps.map(({ id }) => id));
    all &&= response.steps.every(({ id, state }) => !wanted.has(id) || state === 'undone');
  }
  const shown = ended.length === 0 && undone !== undefined ? [undone] : ended;
  const lines = shown.map((response) => responseLine(response, actions));
  await show(
    format,
    shown.map(responsePage).join('\n'),
    lines.length === 1 ? { ...lines[0] } : { type: 'responses', responses: lines },
  );
  if (found.length === 0) complain('nothing of it is in place any more');
  return all ? 0 : NOT_DONE;
}

/** What a person means: all that an action did with parameters, or all that a response did. */
async function meant(what: string, { param }: UndoOptions, { responses, actions }: ConnectedResponses): Promise<Meant> {
  if (!actions.has(what) && /^(?:response-)?[0-9a-f]{1,32}$/i.test(what)) {
    if (param.length > 0)
      throw new UnusableInputError('--param goes with the name of an action, not with the id of a response');
    const response = await findResponse(responses, what);
    const steps = response.steps.filter(isInPlace);
    return { found: steps.length > 0 ? [{ response, steps }] : [], undone: response };
  }
  const action = actionNamed(actions, what);
  try {
    return await undoableOf(responses, action, readParameters(action, param));
  } catch (error) {
    throw error instanceof ActionError ? new UnusableInputError(error.message) : error;
  }
}
