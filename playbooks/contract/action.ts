import type { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import { objectOf, parseJson, type Json, type JsonObject } from '../../platform/json.ts';
import { schemaMessage } from '../../platform/schema-message.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';
import { ActionError } from './action-error.ts';
import type { Connections } from './connections.ts';
import type { IncidentTargets } from './incident-targets.ts';
import type { Permissions } from './permissions.ts';

/** Whether what an action does can be taken back whole, in part, or not at all. */
export type Reversibility = 'reversible' | 'partly' | 'irreversible';

/** Where an action acts; its folder in `playbooks/`. */
export type ActionGroup = 'azure' | 'entra' | 'aws' | 'kubernetes' | 'gcp' | 'github' | 'tickets';

/** What an action acts on. */
export interface Target {
  /** `network security group`, `user`, `access key`. */
  readonly kind: string;
  /** Immutable and canonical: an object id with its tenant, an ARN, an ARM id in lower case, a uid. Never a name that can be given to another. */
  readonly id: string;
  /** A name for people; not from records. */
  readonly label: string;
}

/**
 * One change of one thing, as plain data: what a plan shows, what an approval is bound to, what evidence keeps, and all that is needed to take it back.
 * Holds no secret, and nothing that differs from one planning to the next while the thing stays as it is.
 */
export interface Change {
  /** In its plan: `inbound`, `user`. Stays the same from one planning to the next. */
  readonly id: string;
  /**
   * What it holds, the same for all who want the same held: `<action>|<immutable target>|<what>`. Two responses that want the same share it, and it is
   * taken back when the last one ends.
   */
  readonly holds: string;
  /** In one sentence: `Deny 198.51.100.23 inbound by rule crosstrail-deny-in-00 of nsg-web`. */
  readonly summary: string;
  readonly target: Target;
  /** What stands before and after, as far as this change touches it: shown as a diff, and used to take it back. */
  readonly before: Json;
  readonly after: Json;
  /** In one sentence, how it is taken back; undefined where it cannot be. */
  readonly undo?: string | undefined;
}

/** What an attacker may still have when all is done. */
export interface Residual {
  readonly what: string;
  /** How long after the execution, milliseconds; undefined where it does not end by itself. */
  readonly lasts?: number | undefined;
}

/** Whom and what a plan touches, as far as guards ask. */
export type Subject =
  /** An address or network that is to be blocked, in canonical text. */
  | { readonly kind: 'address'; readonly value: string }
  /** Somebody who is to lose something. */
  | {
      readonly kind: 'principal';
      /** Canonical keys (`entity-keys.ts`), and bare object ids, ARNs and names by which a configuration may name it. */
      readonly keys: readonly string[];
      readonly label: string;
      /** Object ids of all groups that it is in, those within groups too. */
      readonly groups: readonly string[];
      /** Why it is privileged: `is eligible for Global Administrator`; empty where it is not. */
      readonly privileged: readonly string[];
      /** What could not be found out about it: then it counts as protected. */
      readonly unknown?: string | undefined;
    }
  /** A thing that is to be changed. */
  | { readonly kind: 'resource'; readonly key: string; readonly label: string };

/** What an action would do, found out by reading only. Plain data. */
export interface Plan {
  /** What the action as a whole acts on; all plans of one target are executed one after the other. */
  readonly target: Target;
  readonly changes: readonly Change[];
  /** Who and what else is affected, a sentence each: `All 14 people who use the role deploy must take it again`. */
  readonly affects: readonly string[];
  readonly residual: readonly Residual[];
  readonly subjects: readonly Subject[];
  /** How much of what there is it takes away: `{ of: 1, total: 3, what: 'nodes of the cluster shop' }`. */
  readonly share?: { readonly of: number; readonly total: number; readonly what: string } | undefined;
}

/** How a change stands, found out by reading only. */
export type Verification =
  /** In place, and it has effect. */
  | { readonly is: 'held'; readonly note?: string | undefined }
  /** In place, and does not have effect yet; worth looking again after so many milliseconds. */
  | { readonly is: 'settling'; readonly why: string; readonly again: number }
  /** In place, and has no effect: something else outweighs it. */
  | { readonly is: 'ineffective'; readonly why: string }
  /** Not in place: as before. */
  | { readonly is: 'absent' }
  /** Neither as before nor as this change left it: somebody else changed it since. */
  | { readonly is: 'changed'; readonly why: string };

/** What an action is given to work with. */
export interface ActionContext {
  readonly clock: Clock;
  readonly connections: Connections;
  /** Nothing is waited for beyond this, milliseconds since 1970-01-01T00:00:00Z. */
  readonly deadline: number;
  /** Of this step of this response, and the same whenever it is tried again: for names, session names and search keys. Lower-case hex. */
  readonly step: string;
  /** Why it acts; undefined where a person asked at the command without one. */
  readonly incident: Incident | undefined;
}

/** An action as it is written; {@link defineAction} makes an {@link Action} of it. */
export interface ActionDefinition<P> {
  /** As commands and the configuration call it, and its folder: `nsg-deny`. */
  readonly name: string;
  readonly group: ActionGroup;
  /** `Deny an address in a network security group`. */
  readonly title: string;
  /** For people, in a few sentences: what it does, what it does not, what to know before. */
  readonly description: string;
  /** Each with `.describe(…)`. Refuses hostile values: nothing else stands between them and an API. */
  readonly parameters: z.ZodType<P>;
  readonly permissions: Permissions;
  readonly reversibility: Reversibility;
  /** How long it holds unless told otherwise, and at most, milliseconds; undefined where there is nothing to end (tickets, what cannot be taken back). */
  readonly lease: { readonly usual: number; readonly longest: number } | undefined;
  /** What must be seen `held` how many times in a row, so many milliseconds apart, before it is believed; once unless told. */
  readonly settle?: { readonly checks: number; readonly every: number } | undefined;
  /** The parameters that an incident gives it, an entry for each target; a playbook gives the others. Undefined where a playbook gives all. */
  readonly from?: ((targets: IncidentTargets) => readonly JsonObject[]) | undefined;
  /** Addresses that it is to block, as its parameters name them: guards are asked about these before anything is read. */
  readonly blocks?: ((parameters: P) => readonly string[]) | undefined;
  /** Operations of audit logs that its changes cause, as their records name them: `MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE`, `UpdateAccessKey`, `Disable account`. */
  readonly operations: readonly string[];
  /** Reads only. @throws ActionError */
  readonly plan: (parameters: P, context: ActionContext) => Promise<Plan>;
  /** Makes the change. Must bear to be called where it was made already. @throws ActionError */
  readonly execute: (change: Change, context: ActionContext) => Promise<void>;
  /** Reads only. @throws ActionError */
  readonly verify: (change: Change, context: ActionContext) => Promise<Verification>;
  /** Takes the change back, and touches nothing else. Must bear to be called where it was taken back already. Absent where nothing can be. @throws ActionError */
  readonly undo?: ((change: Change, context: ActionContext) => Promise<void>) | undefined;
}

/** An action as the runner has it: parameters are outside data until it has read them. */
export interface Action extends Omit<ActionDefinition<unknown>, 'parameters' | 'blocks' | 'plan'> {
  readonly parameters: z.ZodType;
  /** The parameters as they are to be kept: read, in canonical form. @throws ActionError of kind `input` */
  readonly read: (parameters: Json) => JsonObject;
  /** Addresses that it is to block. @throws ActionError of kind `input` */
  readonly blocks: (parameters: Json) => readonly string[];
  /** Reads only. @throws ActionError */
  readonly plan: (parameters: Json, context: ActionContext) => Promise<Plan>;
}

/** Makes an action of its definition: its parameters are read before anything else sees them. */
export function defineAction<P extends object>(definition: ActionDefinition<P>): Action {
  const read = (parameters: Json): P => {
    const result = definition.parameters.safeParse(parameters);
    if (result.success) return result.data;
    const problems = result.error.issues.map(
      (issue) => `${issue.path.join('.') || 'parameters'}: ${schemaMessage(issue)}`,
    );
    throw new ActionError('input', `${definition.name} cannot take these parameters: ${problems.join('; ')}`);
  };
  return {
    ...definition,
    read: (parameters) => objectOf(parseJson(JSON.stringify(read(parameters)))) ?? {},
    blocks: (parameters) => definition.blocks?.(read(parameters)) ?? [],
    plan: async (parameters, context) => definition.plan(read(parameters), context),
  };
}
