import type { Action } from '../../playbooks/contract/action.ts';
import { canonicalJson } from '../../playbooks/contract/hashes.ts';
import type { Response, Step } from '../../pipeline/response/response.ts';
import { ResponseRequestError, type Responses } from '../../pipeline/response/responses.ts';
import { isInPlace } from '../../pipeline/response/states.ts';
import type { Clock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import { UnusableInputError } from '../scan/files.ts';

/** After so long at the command what is left to do is left to the next sweep: milliseconds. */
const LONGEST = 10 * 60_000;
/** A deployment goes on by itself: nobody need wait for it at the command. */
const REMOTE_LONGEST = 60_000;
/** Somebody else works on it: it is looked at again after so long. */
const NEXT_LOOK = 2000;
/** The deployment works on it: so often it is looked at. */
const REMOTE_LOOK = 500;
/** So many of the latest responses are looked through for what is to be undone. */
const MOST_LOOKED_AT = 10_000;

/** Works on a response until it is at rest, waiting where a service asks to be asked later. @returns it as it stands then */
export async function follow(responses: Responses, start: Response, clock: Clock): Promise<Response> {
  const until = clock.now() + (responses.remote ? REMOTE_LONGEST : LONGEST);
  let response = start;
  for (;;) {
    if (response.state !== 'new' && response.state !== 'running') return response;
    const now = clock.now();
    const due = Math.max((response.due ?? now) - now, response.worker === undefined ? 0 : NEXT_LOOK);
    const wait = responses.remote ? REMOTE_LOOK : due;
    const held = response.steps.some(({ state }) => state === 'ready') && (await responses.stopped()) !== undefined;
    if (held || now + wait > until) return response;
    await clock.wait(wait);
    const next = await (responses.remote ? responses.get(response.id) : responses.advance(response.id));
    // Nothing became of it, though it is due: it waits for what this process cannot do.
    if (next === undefined || (wait === 0 && next.changed === response.changed)) return next ?? response;
    response = next;
  }
}

/** What is to be undone: a response, and those of its steps that did what is meant. */
export interface Undoable {
  readonly response: Response;
  readonly steps: readonly Step[];
}

/** What a person means to undo; where nothing of it is in place, the latest response that it was taken back of. */
export interface Meant {
  readonly found: readonly Undoable[];
  readonly undone: Response | undefined;
}

/**
 * What responses did by an action with these parameters and is in place still, the latest first; and where nothing is, the latest that was taken back.
 * @throws UnusableInputError where nothing like it was ever done
 */
export async function undoableOf(responses: Responses, action: Action, parameters: JsonObject): Promise<Meant> {
  const wanted = canonicalJson(action.read(parameters));
  const found: Undoable[] = [];
  let undone: Response | undefined;
  for await (const response of responses.list({ limit: MOST_LOOKED_AT })) {
    const same = response.steps.filter((one) => one.action === action.name && canonicalJson(one.parameters) === wanted);
    const steps = same.filter(isInPlace);
    if (steps.length > 0) found.push({ response, steps });
    else if (same.some(({ state }) => state === 'undone')) undone ??= response;
  }
  if (found.length > 0 || undone !== undefined) return { found, undone };
  throw new UnusableInputError(
    `nothing that ${action.name} did with these parameters is kept here; crosstrail leases list shows what is held`,
  );
}

/** Undoes steps of a response, one after the other. @throws UnusableInputError where that cannot be asked */
export async function undoAll(
  responses: Responses,
  { response, steps }: Undoable,
  asked: { readonly by: string; readonly reason: string; readonly force: boolean },
  clock: Clock,
): Promise<Response> {
  let last = response;
  for (const { id } of steps) {
    try {
      last = await follow(responses, await responses.undo(response.id, { step: id, ...asked }), clock);
    } catch (error) {
      throw error instanceof ResponseRequestError ? new UnusableInputError(error.message) : error;
    }
  }
  return last;
}
