import type { Action } from '../../playbooks/contract/action.ts';
import { hashOf } from '../../playbooks/contract/hashes.ts';
import type { BindingSettings, PlaybookSettings, ResponseSettings } from '../../platform/configuration/response.ts';
import type { JsonObject } from '../../platform/json.ts';
import type { Incident } from '../timeline/incident.ts';
import { isBound, type BindingFacts } from './bindings.ts';
import { incidentTargets } from './incident-targets.ts';
import type { Draft, ResponseStore } from './response-store.ts';
import type { Response, Step } from './response.ts';
import { leaseOf, newStep, responseIdOf } from './responses.ts';
import { problemOf } from './work.ts';

/** Messages are ids of incidents that are new or changed. */
export const INCIDENT_QUEUE = 'incidents';

export interface DecideOptions {
  readonly settings: ResponseSettings;
  readonly actions: ReadonlyMap<string, Action>;
  readonly store: ResponseStore;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
  /** Ids of incidents that went into this one: what was done for them is done. */
  readonly merged: readonly string[];
}

/**
 * Makes the responses that bindings ask for an incident. What was proposed for it before, whatever became of it, is not proposed again; what an incident that grew asks
 * beside joins the response that waits for approval, so that people are asked once, or makes another.
 * @returns ids of responses that are to be worked on
 */
export async function decideResponses(
  incident: Incident,
  facts: BindingFacts,
  options: DecideOptions,
): Promise<readonly string[]> {
  const { settings, store, merged } = options;
  const ids: string[] = [];
  let known = await knownOf([incident.id, ...merged], store);
  for (const binding of settings.bindings) {
    const playbook = settings.playbooks[binding.playbook];
    if (playbook === undefined || !isBound(binding, incident, facts)) continue;
    const done = new Set(
      known
        .filter(({ mode }) => mode !== 'observe' || binding.mode === 'observe')
        .flatMap(({ steps }) => steps.map(workOf)),
    );
    const fresh = onceEach(stepsOf(playbook, incident, options)).filter((step) => !done.has(workOf(step)));
    const waiting = known.find((one) => one.binding === binding.name && one.state === 'awaiting-approval');
    const moved = waiting !== undefined && waiting.incident !== incident.id;
    if (fresh.length === 0 && !moved) continue;
    const joined = waiting !== undefined && (await joins(store, waiting.id, incident, fresh));
    if (joined) ids.push(waiting.id);
    else if (fresh.length > 0) ids.push(await make(incident, binding, fresh, options));
    known = await knownOf([incident.id, ...merged], store);
  }
  return ids;
}

async function knownOf(incidents: readonly string[], store: ResponseStore): Promise<readonly Response[]> {
  const known: Response[] = [];
  for (const incident of incidents) known.push(...(await store.list({ incident, limit: Infinity })));
  return known;
}

/** What several entries of a playbook, or several names of one target, ask for alike is one step. */
function onceEach(steps: readonly Step[]): Step[] {
  const once = new Map<string, Step>();
  for (const step of steps) if (!once.has(step.id)) once.set(step.id, step);
  return [...once.values()];
}

/** What a step does, whatever the incident: one that was merged asked for the same. */
const workOf = ({ action, parameters }: Step): string => hashOf({ action, parameters });

/** The steps of a playbook for an incident: one for each target of each action. What cannot be planned is a step that says why. */
function stepsOf({ steps }: PlaybookSettings, incident: Incident, { actions }: DecideOptions): Step[] {
  const targets = incidentTargets(incident);
  return steps.flatMap(({ action: name, with: given, lease, most }) => {
    const action = actions.get(name);
    if (action === undefined) return [];
    const wanted: readonly JsonObject[] = action.from?.(targets) ?? [{}];
    const lasts = leaseOf(action, lease);
    const step = (parameters: JsonObject): Step => {
      const all = { ...parameters, ...given };
      const parts = { action: name, incident: incident.id, lasts };
      try {
        return newStep({ ...parts, parameters: action.read(all) });
      } catch (error) {
        return { ...newStep({ ...parts, parameters: all }), state: 'failed', problem: problemOf(error) };
      }
    };
    if (wanted.length <= most) return wanted.map(step);
    const problem = `the incident names ${wanted.length} targets for ${name}, more than the ${most} that the playbook allows: none is acted upon, people must decide`;
    return [
      { ...newStep({ action: name, incident: incident.id, lasts, parameters: given }), state: 'refused', problem },
    ];
  });
}

/**
 * Brings a response that waits for approval to how its incident is now: adds steps, and where the incident went into another, plans for that. People are asked anew, of all.
 * @returns whether it still waited
 */
async function joins(
  store: ResponseStore,
  id: string,
  { id: incident, title }: Incident,
  steps: readonly Step[],
): Promise<boolean> {
  let joined = false;
  await store.change(id, (draft: Draft) => {
    const there = new Set(draft.response.steps.map((step) => step.id));
    const fresh = steps.filter((step) => !there.has(step.id));
    const moved = draft.response.incident !== incident;
    joined = draft.response.state === 'awaiting-approval' || (fresh.length < steps.length && !moved);
    if (!joined || (fresh.length === 0 && !moved)) return;
    const known = draft.response.steps.map((step) => (moved && step.state === 'planned' ? unplanned(step) : step));
    draft.response = { ...draft.response, incident, title, steps: [...known, ...fresh] };
    draft.note('proposed', { actor: draft.response.requester, incident, steps: fresh.map(proposed) });
  });
  return joined;
}

const unplanned = ({ plan: _plan, ...step }: Step): Step => ({ ...step, state: 'new', guards: [], changes: [] });

async function make(
  incident: Incident,
  binding: BindingSettings,
  steps: readonly Step[],
  { store, now }: DecideOptions,
): Promise<string> {
  const { name, mode, playbook } = binding;
  const id = responseIdOf([incident.id, name, mode, ...steps.map((step) => step.id).sort()]);
  const requester = `binding:${name}`;
  const response: Response = {
    ...{ id, mode, playbook, requester, binding: name, incident: incident.id, title: incident.title },
    principals: incident.principals.flatMap(({ id: key, aliases, label }) => [key, label, ...aliases]),
    ...{ state: 'new', steps, created: now, changed: now },
  };
  await store.insert(response, (draft) => {
    const { title, severity, score, decision } = incident;
    const why = { title, severity, score, decision };
    draft.note('proposed', {
      actor: requester,
      playbook,
      mode,
      incident: incident.id,
      why,
      steps: steps.map(proposed),
    });
  });
  return id;
}

const proposed = ({ id, action, parameters, problem }: Step) => ({ id, action, parameters, problem });
