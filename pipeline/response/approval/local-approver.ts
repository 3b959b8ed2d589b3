import type { ApproverPort } from './approver-port.ts';
import type { AnsweringPerson, ApprovalRules } from './decide.ts';

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/** The person at this machine. The name of an account here says nothing of identities in a cloud, where others may have the same. @param user the name of their account */
export const localPerson = (user: string): AnsweringPerson => ({
  ...{ id: `local:${user}`, name: user, aliases: [], by: 'this machine' },
});

/** Of a local edition: whoever is at the machine approves. */
export const localRules = (user: string, quorum: number): ApprovalRules => ({
  ...{ approvers: [localPerson(user).id], groups: [], quorum },
});

/**
 * For the local edition, and for nothing else: whoever holds a signed link and reaches the loopback address of this machine is its user. A page of another site cannot
 * reach it by a name of its own that it lets point here, for the name stands in the header `Host`.
 */
export const localApprovers = (user: string): ApproverPort => ({
  identify: () => Promise.resolve(localPerson(user)),
  origin: (headers) => {
    const host = headers.get('host') ?? '';
    return LOOPBACK.test(host) ? `http://${host.toLowerCase()}` : undefined;
  },
  signIn: () => undefined,
});
