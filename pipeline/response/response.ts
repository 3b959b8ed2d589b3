import type { Change, Plan, Verification } from '../../playbooks/contract/action.ts';
import type { JsonObject } from '../../platform/json.ts';

/** How a binding is bound: only plan, ask people, or act. */
export type Mode = 'observe' | 'approve' | 'automatic';

/** Where a response stands. */
export type ResponseState =
  /** Nothing was read yet. */
  | 'new'
  /** Planned, and that was all that was asked. Ends. */
  | 'observed'
  /** People are asked. */
  | 'awaiting-approval'
  /** Somebody declined, or nobody answered in time. Ends. */
  | 'declined'
  /** It may be executed, or is being executed, undone or looked at. */
  | 'running'
  /** All that could be done is done; something is held by a lease. */
  | 'active'
  /** Nothing is left to do. Ends. */
  | 'ended';

export type StepState =
  | 'new'
  | 'planned'
  /** A guard refused it. */
  | 'refused'
  /** Its turn comes: approved, or nobody need be asked. */
  | 'ready'
  | 'executing'
  /** Done, and seen to have effect. */
  | 'verified'
  /** Done, and not seen to have effect. */
  | 'unverified'
  | 'undoing'
  | 'undone'
  /** What it changed was changed by somebody else since: a person is asked whether to undo it all the same. */
  | 'undo-refused'
  /** It could not be done; `problem` says why. */
  | 'failed'
  /** Nothing was done, for nobody allowed it. */
  | 'dropped';

/** How one change of a step stands. */
export type ChangeState =
  | 'planned'
  /** It was begun; whether it is in place must be looked at. */
  | 'begun'
  | 'made'
  | 'taking-back'
  | 'taken-back'
  /** Left in place, for another response holds it too. */
  | 'handed-on'
  | 'lost';

export interface ChangeRun {
  readonly change: Change;
  readonly state: ChangeState;
  /** How it was found, the last time. */
  readonly seen?: (Verification & { readonly at: number }) | undefined;
}

/** What one guard says of one step. */
export interface GuardVerdict {
  /** `never-principal`, `privileged`, `never-network`, `rate`, … */
  readonly guard: string;
  /** `ask`: only with approval. */
  readonly says: 'pass' | 'ask' | 'refuse';
  /** For people; of `ask` and `refuse` with how to override it and by whom. */
  readonly reason: string;
}

/** How long a step holds. Milliseconds since 1970-01-01T00:00:00Z. */
export interface Lease {
  readonly until: number;
  /** Who extended it, and why; oldest first. */
  readonly extended: readonly {
    readonly by: string;
    readonly at: number;
    readonly until: number;
    readonly reason: string;
  }[];
}

/** One action on one target, for one incident. */
export interface Step {
  /** `stepIdOf`: it is done once. */
  readonly id: string;
  readonly action: string;
  readonly parameters: JsonObject;
  /** How long it is to hold, milliseconds; undefined where there is nothing to end. */
  readonly lasts?: number | undefined;
  readonly state: StepState;
  /** Of any state after `new`, unless planning failed. */
  readonly plan?: Plan | undefined;
  readonly guards: readonly GuardVerdict[];
  readonly changes: readonly ChangeRun[];
  readonly lease?: Lease | undefined;
  /** When it was executed, milliseconds since 1970-01-01T00:00:00Z. */
  readonly executed?: number | undefined;
  /** What went wrong, for people. */
  readonly problem?: string | undefined;
  /** `planHashOf` this step alone as people approved it; undefined where nobody was asked. */
  readonly approved?: string | undefined;
  /** Who wants it undone; undefined where its lease ended. `force`: also what somebody else changed since. */
  readonly undo?: { readonly by: string; readonly reason: string; readonly force: boolean } | undefined;
  /** How often the last attempt was put off, and until when. `turn`: it waits for its turn at a target, and may be woken before. */
  readonly delayed?:
    { readonly attempts: number; readonly until: number; readonly turn?: boolean | undefined } | undefined;
}

/** What people are asked. */
export interface ApprovalRequest {
  /** `planHashOf` what they are shown: an answer to anything else does not count. */
  readonly planHash: string;
  /** Rises with each request of a response. */
  readonly number: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. Nobody's answer is a no. */
  readonly expires: number;
  /** How many must approve. */
  readonly quorum: number;
  readonly answers: readonly ApprovalAnswer[];
}

export interface ApprovalAnswer {
  readonly by: Approver;
  readonly answer: 'approve' | 'decline';
  readonly reason?: string | undefined;
  readonly at: number;
}

/** A person who answers, as was verified. */
export interface Approver {
  /** `entra:<tenant>/<object id>`, `slack:<team>/<user>`, `local:<name of the account at this machine>`. */
  readonly id: string;
  readonly name: string;
  /** Keys and names by which incidents and guards may know the same person. */
  readonly aliases: readonly string[];
  /** How it was verified: `Entra token`, `Slack signature`, `this machine`. */
  readonly by: string;
}

/** What is done about one incident by one playbook; or by one person at the command. Plain data. */
export interface Response {
  readonly id: string;
  /** Undefined where a person asked at the command without one. */
  readonly incident?: string | undefined;
  readonly title: string;
  readonly playbook: string;
  /** Undefined where a person asked. */
  readonly binding?: string | undefined;
  readonly mode: Mode;
  /** Who asked: an approver's id, or `binding:<name>`. Nobody approves what they asked for. */
  readonly requester: string;
  /** Keys and names of the principals of the incident: none of them approves. */
  readonly principals: readonly string[];
  readonly state: ResponseState;
  readonly steps: readonly Step[];
  readonly approval?: ApprovalRequest | undefined;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly created: number;
  readonly changed: number;
  /** When it is to be looked at again by itself; undefined where it ended. */
  readonly due?: number | undefined;
  /** Number of the request that people were last told of. */
  readonly announced?: number | undefined;
  /** How often people could not be told of the request, and when that is tried again. */
  readonly untold?: { readonly attempts: number; readonly until: number } | undefined;
  /** When it was last looked whether what is held is still in place, milliseconds since 1970-01-01T00:00:00Z. */
  readonly looked?: number | undefined;
  /** Who works on it at this moment, and until when: after that it may be taken over. */
  readonly worker?: { readonly id: string; readonly until: number } | undefined;
}
