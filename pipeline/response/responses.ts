import { randomUUID } from 'node:crypto';
import { hashOf, stepIdOf } from '../../playbooks/contract/hashes.ts';
import { ActionError } from '../../playbooks/contract/action-error.ts';
import type { Json, JsonObject } from '../../platform/json.ts';
import { advance, dropPlanned, dropStep } from './advance.ts';
import { decide, type GivenAnswer, type Verdict } from './approval/decide.ts';
import { EvidenceLog } from './evidence.ts';
import { hashOfStep } from './plan-steps.ts';
import { RESPONSE_QUEUE, type ResponsePorts } from './ports.ts';
import { publishEvidence } from './publish-evidence.ts';
import { ResponseStore, type Draft } from './response-store.ts';
import type { Approver, Mode, Response, Step } from './response.ts';
import { isInPlace, isLeased, isUnbegun } from './states.ts';
import { setStep, stepOf } from './work.ts';

/** What a person asks for at the command. */
export interface Proposal {
  readonly action: string;
  readonly parameters: Json;
  readonly incident?: string | undefined;
  readonly mode: Mode;
  readonly requester: Approver;
  /** How long it is to hold, milliseconds; as long as the action usually does unless told. */
  readonly lasts?: number | undefined;
  readonly reason: string;
}

/** Who wants a change of a response, and why. */
export interface Asked {
  readonly by: string;
  readonly reason: string;
}

/** So long whoever worked on a response goes on with those that waited for it, milliseconds. */
const WOKEN_FOR = 20_000;

/** Thrown where what a person asks of a response cannot be; its message says why and what can. */
export class ResponseRequestError extends Error {
  override readonly name = 'ResponseRequestError';
}

/** All that is done with responses: whoever wants something of one asks here. Holds no state that matters. */
export class Responses {
  readonly #ports: ResponsePorts;
  readonly store: ResponseStore;
  readonly evidence: EvidenceLog;
  #publishing: Promise<unknown> = Promise.resolve();

  constructor(ports: ResponsePorts) {
    this.#ports = ports;
    this.store = new ResponseStore(ports.storage.tables, ports.clock);
    this.evidence = new EvidenceLog(ports.storage);
  }

  /** Whether another process works on responses. */
  get remote(): boolean {
    return this.#ports.remote === true;
  }

  /** @param id whole */
  get(id: string): Promise<Response | undefined> {
    return this.store.get(id);
  }

  /** Ids that begin so, with or without `response-`. */
  find(prefix: string, limit: number): Promise<readonly string[]> {
    return this.store.find(prefix, limit);
  }

  /** The latest first. */
  async *list(query: {
    readonly incident?: string;
    readonly open?: boolean;
    readonly limit: number;
  }): AsyncGenerator<Response> {
    yield* await this.store.list(query);
  }

  /** Works on a response until it is at rest, then tells what happened; or asks whoever does to. */
  async advance(id: string): Promise<Response | undefined> {
    if (this.remote) {
      await this.#ports.storage.queues.send(RESPONSE_QUEUE, id);
      return this.store.get(id);
    }
    const woken = new Set<string>();
    const response = await this.#advance(id, woken);
    await this.#workOnWoken(woken);
    return response;
  }

  async #advance(id: string, woken: Set<string>): Promise<Response | undefined> {
    try {
      const response = await advance(id, { ports: this.#ports, store: this.store, woken });
      if (response !== undefined) await this.#ports.worked?.(response);
      return response;
    } finally {
      await this.#publishOrLeave();
    }
  }

  /** Works on those whose target became free, and whom these wake in turn, for a while; the rest is left to the queue. Without messages between them, many responses on one target follow each other closely. */
  async #workOnWoken(woken: Set<string>): Promise<void> {
    const { clock, storage } = this.#ports;
    const until = clock.now() + WOKEN_FOR;
    // A set goes on to what is added while it is gone through.
    for (const id of woken) {
      woken.delete(id);
      const worked =
        clock.now() < until &&
        (await this.#advance(id, woken).then(
          () => true,
          () => false,
        ));
      if (!worked) await storage.queues.send(RESPONSE_QUEUE, id).catch(() => undefined);
    }
  }

  /** Tells the timeline, and copies, what the evidence has that was not told yet. */
  publish(): Promise<void> {
    if (this.remote) return Promise.resolve();
    // One after the other, so that entries are shown in order and once.
    const next = this.#publishing.then(() => publishEvidence(this.#ports, this.evidence));
    this.#publishing = next.catch(() => undefined);
    return next;
  }

  /** For what took effect already: where it cannot be told at this moment, the next sweep tells it, and whoever asked need not hear of that. */
  #publishOrLeave(): Promise<void> {
    return this.publish().catch(() => undefined);
  }

  /** Has everything worked on whose time has come. @returns how many */
  async sweep(): Promise<number> {
    let count = 0;
    for await (const id of this.store.due(this.#ports.clock.now())) {
      await this.#ports.storage.queues.send(RESPONSE_QUEUE, id);
      count++;
    }
    await this.publish();
    return count;
  }

  /** Makes a response of what a person asks for at the command, and works on it. @throws ActionError of kind `input` */
  async propose({ action: name, parameters, incident, mode, requester, lasts, reason }: Proposal): Promise<Response> {
    const action = this.#ports.actions.get(name);
    if (action === undefined)
      throw new ActionError('input', `there is no action ${name}; crosstrail playbooks list shows what there is`);
    const { clock } = this.#ports;
    // Each request of a person is one of its own: who asks again means it.
    const id = `response-${randomUUID().replaceAll('-', '')}`;
    const step = newStep({
      action: name,
      parameters: action.read(parameters),
      incident: incident ?? id,
      lasts: leaseOf(action, lasts),
    });
    const now = clock.now();
    const response: Response = {
      ...{ id, incident, mode, title: action.title, playbook: name, requester: requester.id, principals: [] },
      ...{ state: 'new', steps: [step], created: now, changed: now },
    };
    const made = await this.store.insert(response, (draft) =>
      draft.note('proposed', {
        actor: requester.id,
        requester,
        mode,
        reason,
        action: name,
        parameters: step.parameters,
      }),
    );
    return (await this.advance(made.id)) ?? made;
  }

  /** Takes an answer to a request for approval; where it decides, what was approved is done by whoever works on the queue. */
  async answer(id: string, given: GivenAnswer): Promise<Verdict & { readonly response: Response }> {
    let verdict: Verdict | undefined;
    const response = await this.store.change(id, (draft) => {
      // Asked again after an answer was lost that took effect: what it said first is what counts.
      if (
        verdict !== undefined &&
        (verdict.outcome === 'decided' || verdict.outcome === 'counted') &&
        isThere(draft, given)
      )
        return;
      verdict = decide(draft.response, given, this.#ports.approvers, draft.now);
      takeAnswer(draft, given, verdict);
    });
    if (verdict === undefined) throw new Error(`the answer to ${id} was not looked at`);
    if (verdict.decision !== undefined) await this.#ports.storage.queues.send(RESPONSE_QUEUE, id);
    await this.#publishOrLeave();
    return { ...verdict, response };
  }

  /** Lets a step hold longer, or end sooner. @throws ResponseRequestError */
  async extend(id: string, step: string, { until, by, reason }: Asked & { readonly until: number }): Promise<Response> {
    if (!Number.isSafeInteger(until)) throw new ResponseRequestError('there is no such time to hold until');
    const longest = this.#ports.actions.get((await this.#step(id, step)).action)?.lease?.longest;
    const response = await this.store.change(id, (draft) => {
      const now = stepOf(draft.response, step);
      if (now.lease === undefined || !isLeased(now))
        throw new ResponseRequestError(`step ${step} holds nothing that has an end`);
      const latest = draft.now + (longest ?? 0);
      if (until > latest)
        throw new ResponseRequestError(`${now.action} holds at most until ${new Date(latest).toISOString()}`);
      const last = now.lease.extended.at(-1);
      // Asked again after an answer was lost that took effect.
      if (last?.by === by && last.until === until && last.reason === reason && now.lease.until === until) return;
      const extended = [...now.lease.extended, { by, at: draft.now, until, reason }];
      setStep(draft, { ...now, lease: { until, extended } });
      draft.note('extended', { step, actor: by, until, reason });
    });
    await this.#publishOrLeave();
    return response;
  }

  /** Undoes a response, or one of its steps, and works on it; of a whole response nothing more is begun. @throws ResponseRequestError where nothing is done or about to be */
  async undo(
    id: string,
    { step, by, reason, force }: Asked & { readonly step?: string | undefined; readonly force: boolean },
  ): Promise<Response> {
    const known = await this.store.get(id);
    if (known === undefined) throw new ResponseRequestError(`there is no response ${id}`);
    const wanted = known.steps.filter((one) => (step === undefined || one.id === step) && this.#canUndo(one));
    const unbegun = step === undefined ? known.steps.filter(isUnbegun) : [];
    if (wanted.length === 0 && !unbegun.some(({ state }) => state === 'ready'))
      throw new ResponseRequestError(`nothing of ${id} is in place that can be undone`);
    const woken = new Set<string>();
    // Each by itself: what many steps write does not fit into one transaction. What is not begun first, lest it is begun meanwhile.
    for (const { id: one } of [...unbegun, ...wanted]) {
      await this.store.change(id, async (draft) => {
        const now = stepOf(draft.response, one);
        if (isUnbegun(now)) await dropStep(draft, now, `${by} had the response undone: ${reason}`, woken);
        else this.#wantUndone(draft, now, { by, reason, force });
      });
    }
    for (const other of woken) await this.#ports.storage.queues.send(RESPONSE_QUEUE, other);
    return (await this.advance(id)) ?? known;
  }

  /** Also where it is being undone already: a person is heard where all is stopped, and may insist. */
  #wantUndone(draft: Draft, { delayed: _delayed, ...step }: Step, undo: NonNullable<Step['undo']>): void {
    const asked = step.state === 'undoing' && step.undo;
    if (!this.#canUndo(step) || (asked && asked.by === undo.by && asked.force === undo.force)) return;
    setStep(draft, { ...step, state: 'undoing', undo });
    draft.note('undo-asked', { step: step.id, actor: undo.by, reason: undo.reason, force: undo.force });
  }

  /** Stops all responses at once. */
  async stop(asked: Asked): Promise<void> {
    await this.store.setStopped(true, asked);
    await this.#publishOrLeave();
  }

  /** Lets responses go on. */
  async resume(asked: Asked): Promise<void> {
    await this.store.setStopped(false, asked);
    await this.#publishOrLeave();
  }

  /** By whom all is stopped, since when and why; undefined where it is not. */
  async stopped(): Promise<{ readonly by: string; readonly at: number; readonly reason: string } | undefined> {
    const row = await this.store.stopped();
    return row && { by: String(row['by']), at: Number(row['at']), reason: String(row['reason']) };
  }

  #canUndo(step: Step): boolean {
    const undoable = this.#ports.actions.get(step.action)?.undo !== undefined;
    return undoable && (isInPlace(step) || step.state === 'executing');
  }

  async #step(id: string, step: string): Promise<Step> {
    const found = (await this.store.get(id))?.steps.find((one) => one.id === step);
    if (found === undefined) throw new ResponseRequestError(`there is no step ${step} of ${id}`);
    return found;
  }
}

/** A step as it begins. @param parameters as the action reads them */
export function newStep(step: {
  readonly action: string;
  readonly parameters: JsonObject;
  readonly incident: string;
  readonly lasts: number | undefined;
}): Step {
  const { action, parameters, incident, lasts } = step;
  // Its target is known when it is planned; what is done twice under two names of a target is seen then.
  const id = stepIdOf({ action, parameters, incident, target: '' });
  return { id, action, parameters, lasts, state: 'new', guards: [], changes: [] };
}

/** How long an action is to hold, milliseconds. @param wanted undefined for as long as it usually does */
export const leaseOf = (
  { lease }: { readonly lease?: { readonly usual: number; readonly longest: number } | undefined },
  wanted: number | undefined,
): number | undefined => (lease === undefined ? undefined : Math.min(wanted ?? lease.usual, lease.longest));

/** The id of the response of a playbook to an incident. */
export const responseIdOf = (parts: readonly string[]): string => `response-${hashOf([...parts]).slice(0, 32)}`;

const isThere = ({ response }: Draft, { by, number, answer }: GivenAnswer): boolean =>
  response.approval?.number === number &&
  response.approval.answers.some((one) => one.by.id === by.id && one.answer === answer);

function takeAnswer(
  draft: Draft,
  { by, answer, reason, number }: GivenAnswer,
  { outcome, approval, decision }: Verdict,
): void {
  if (outcome === 'counted' || outcome === 'decided') {
    draft.response = { ...draft.response, approval };
    // As it was taken in: cut and printable.
    const given = approval?.answers.findLast((one) => one.by.id === by.id);
    draft.note('answered', { actor: by.id, answer, reason: given?.reason, number, by: given?.by });
  }
  if (decision === 'declined') {
    dropPlanned(draft, outcome === 'expired' ? 'nobody approved it in time' : `${by.name} declined: ${reason ?? ''}`);
    draft.note('declined', { actor: outcome === 'expired' ? 'crosstrail' : by.id, reason, number });
  } else if (decision === 'approved') {
    for (const step of draft.response.steps) {
      if (step.state !== 'planned' || step.plan === undefined) continue;
      setStep(draft, { ...step, state: 'ready', approved: hashOfStep(step, step.plan) });
    }
    draft.note('approved', {
      actor: by.id,
      number,
      planHash: approval?.planHash,
      by: approval?.answers.map((one) => one.by.id),
    });
  }
}
