/** Whether an answer to a request for approval counts, and what follows of it. Pure: the present and the rules are given. */
import { printable } from '../../../platform/printable.ts';
import type { ApprovalAnswer, ApprovalRequest, Approver, Response } from '../response.ts';

/** Who may approve, and how many must. */
export interface ApprovalRules {
  /** Ids of approvers, as {@link Approver.id} has them. */
  readonly approvers: readonly string[];
  /** Groups and roles whose members may approve too, as {@link AnsweringPerson.groups} has them. */
  readonly groups: readonly string[];
  readonly quorum: number;
}

/** Who answers, with the groups and roles among those of the configuration that were seen in what identified them. */
export type AnsweringPerson = Approver & { readonly groups?: readonly string[] | undefined };

/** An answer, and to what. */
export interface GivenAnswer {
  /** Of the plan that was shown. */
  readonly planHash: string;
  /** Of the request. */
  readonly number: number;
  readonly by: AnsweringPerson;
  readonly answer: ApprovalAnswer['answer'];
  readonly reason: string | undefined;
}

export type AnswerOutcome =
  /** It counts; more are wanted. */
  | 'counted'
  /** It counts, and with it the request is decided. */
  | 'decided'
  /** The same person answered already. */
  | 'again'
  /** It is to another plan than the one that is asked for now. */
  | 'changed'
  /** It came too late. */
  | 'expired'
  /** Nobody is asked, or no more. */
  | 'closed'
  /** This person may not answer so. */
  | 'not-allowed';

export interface Verdict {
  readonly outcome: AnswerOutcome;
  /** For whoever answered, in a sentence. */
  readonly why: string;
  /** The request with the answer; as it was where the answer does not count. */
  readonly approval: ApprovalRequest | undefined;
  /** What is decided now; of `expired` that it is declined. Undefined where nothing is, or was before. */
  readonly decision?: 'approved' | 'declined' | undefined;
}

/** Reasons are cut to so many characters. */
const LONGEST_REASON = 500;

/** Longer ones are cut. */
const LONGEST_NAME = 320;

/** How many must approve, by the stricter of the request and the rules. */
const quorumOf = ({ quorum }: ApprovalRequest, rules: Pick<ApprovalRules, 'quorum'>): number =>
  Math.max(1, quorum, rules.quorum);

const approvals = ({ answers }: ApprovalRequest): number => answers.filter(({ answer }) => answer === 'approve').length;
const declined = ({ answers }: ApprovalRequest): ApprovalAnswer | undefined =>
  answers.find(({ answer }) => answer === 'decline');

/** The request that people may still answer; undefined where nobody is asked, or no more. Whether it expired is not looked at. */
export function openRequest({ approval, mode, steps }: Response, rules: Pick<ApprovalRules, 'quorum'>) {
  if (approval === undefined || mode === 'observe' || !steps.some(({ state }) => state === 'planned')) return undefined;
  const decided = declined(approval) !== undefined || approvals(approval) >= quorumOf(approval, rules);
  return decided ? undefined : approval;
}

/** Whether nobody answered in time, which is a no. @param now milliseconds since 1970-01-01T00:00:00Z */
export function hasLapsed(response: Response, rules: Pick<ApprovalRules, 'quorum'>, now: number): boolean {
  const request = openRequest(response, rules);
  return request !== undefined && now >= request.expires;
}

/**
 * What becomes of an answer. Approved is only what a quorum of different people, each of whom may, approved as it stands; one who declines decides. Whoever approved may
 * still decline until it is decided; apart from that nobody answers twice.
 * @param now milliseconds since 1970-01-01T00:00:00Z
 */
export function decide(response: Response, answer: GivenAnswer, rules: ApprovalRules, now: number): Verdict {
  const { approval } = response;
  const no = (outcome: AnswerOutcome, why: string): Verdict => ({ outcome, why, approval });
  const forbidden = whyNotAllowed(response, answer, rules);
  if (forbidden !== undefined) return no('not-allowed', forbidden);
  const current = approval?.number === answer.number && approval.planHash === answer.planHash;
  const before = current ? approval.answers.find(({ by }) => isSamePerson(by, answer.by)) : undefined;
  if (before?.answer === answer.answer) return no('again', `You ${PAST[before.answer]} this already.`);
  const request = openRequest(response, rules);
  if (request === undefined) return no('closed', whyClosed(response));
  if (!current) {
    return no('changed', 'The plan changed since you were shown it: look at it as it is now, and answer anew.');
  }
  if (now >= request.expires) return { ...no('expired', EXPIRED), decision: 'declined' };
  return counted(request, answer, rules, now);
}

function counted(request: ApprovalRequest, given: GivenAnswer, rules: ApprovalRules, now: number): Verdict {
  const { answer, by } = given;
  const reason = shownReason(given.reason);
  const others = request.answers.filter((other) => !isSamePerson(other.by, by));
  const quorum = quorumOf(request, rules);
  const approval = { ...request, quorum, answers: [...others, { by: bounded(by), answer, reason, at: now }] };
  if (answer === 'decline') return { outcome: 'decided', why: 'You declined.', approval, decision: 'declined' };
  const wanted = quorum - approvals(approval);
  if (wanted <= 0) return { outcome: 'decided', why: 'You approved.', approval, decision: 'approved' };
  const more = wanted === 1 ? 'one more person' : `${wanted} more people`;
  return { outcome: 'counted', why: `You approved; ${more} must approve too.`, approval };
}

const PAST = { approve: 'approved', decline: 'declined' } as const;
const EXPIRED = 'The request has expired: nobody approved it in time, which counts as a no.';

function whyNotAllowed(response: Response, { answer, by, reason }: GivenAnswer, rules: ApprovalRules) {
  if (!mayApprove(by, rules)) return 'You are none of those who may approve; the configuration names them.';
  if (response.principals.some((principal) => isKnownBy(by, principal))) {
    return 'The incident is about an identity of yours: somebody else must answer.';
  }
  if (answer === 'decline') return shownReason(reason) === undefined ? 'Say why you decline.' : undefined;
  return isKnownBy(by, response.requester) ? 'You asked for this yourself: somebody else must approve it.' : undefined;
}

/** Whether somebody is among those who may approve, whatever the response. */
export const mayApprove = ({ id, groups = [] }: AnsweringPerson, rules: ApprovalRules): boolean =>
  rules.approvers.includes(id) || groups.some((group) => rules.groups.includes(group));

function whyClosed({ approval, state }: Response): string {
  const no = approval === undefined ? undefined : declined(approval);
  if (no !== undefined) return `It was declined by ${no.by.name}.`;
  if (state === 'declined') return 'It was declined: nobody approved it in time.';
  if (approval === undefined) return 'Nobody is asked to approve it.';
  return 'It is decided already.';
}

const namesOf = ({ id, aliases }: Approver): string[] => [id, ...aliases].map((name) => name.toLowerCase());
const isKnownBy = (person: Approver, name: string): boolean => namesOf(person).includes(name.toLowerCase());

/** One person may come with several identities, such as from Slack: who shares a name or key counts as the same. */
function isSamePerson(one: Approver, other: Approver): boolean {
  const names = new Set(namesOf(one));
  return namesOf(other).some((name) => names.has(name));
}

/** A reason as it is kept: in one line, not too long, without what moves a cursor; undefined where nothing is said. */
export function shownReason(reason: string | undefined): string | undefined {
  const text = printable(
    (reason ?? '')
      .slice(0, 4 * LONGEST_REASON)
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return text === '' ? undefined : text.slice(0, LONGEST_REASON);
}

const bounded = ({ id, name, aliases, by }: Approver): Approver => ({
  ...{ id, aliases, by },
  name: printable(name.slice(0, LONGEST_NAME)),
});
