import { bareId, folded } from '../identity-names.ts';
import type { Guard, GuardQuestion } from './guard.ts';
import { byConfiguration, named, refuse } from './verdict.ts';

/** What the configuration names, and all within it. */
export const neverResource: Guard = {
  name: 'never-resource',
  description:
    'Nothing is changed that `response.guards.neverResources` names, nor anything within it: keys or ids, or their beginnings with an asterisk at the end. No approval overrides it; whoever may change the configuration can.',
  ask(question) {
    const entries = question.settings.guards.neverResources;
    if (entries.length === 0) return undefined;
    for (const key of touchedBy(question)) {
      const names = namesOf(key);
      const entry = entries.find((one) => names.some((name) => isIn(name, one)));
      if (entry === undefined) continue;
      return refuse(
        `Nothing is done to ${named([key])}: ${named([entry])} is never changed`,
        byConfiguration('response.guards.neverResources'),
      );
    }
    return undefined;
  },
};

/** Keys and ids of all that a plan touches: what an action leaves out of its subjects is in its targets. */
function touchedBy({ plan }: GuardQuestion): string[] {
  const subjects = plan.subjects.flatMap((subject) => {
    if (subject.kind === 'resource') return [subject.key];
    return subject.kind === 'principal' ? subject.keys : [];
  });
  return [...subjects, plan.target.id, ...plan.changes.map(({ target }) => target.id)];
}

/** A key and an id as a configuration may write them, and the account, tenant or project that it is in. */
function namesOf(key: string): string[] {
  const bare = bareId(key);
  const account = /^arn:[^:]*:[^:]*:[^:]*:(\d+):/.exec(bare)?.[1];
  const tenant = /^([0-9a-f-]{36})\/[0-9a-f-]{36}$/.exec(bare)?.[1];
  return [
    folded(key),
    bare,
    ...(bare.startsWith('/') ? [`arm:${bare}`] : []),
    ...(bare.startsWith('arn:') ? [`aws:${bare}`] : []),
    ...(account === undefined ? [] : [`aws-account:${account}/`]),
    ...(tenant === undefined ? [] : [`entra-tenant:${tenant}/`]),
  ];
}

/** Whether a name is what an entry says, or within it: parts of ids are set apart by slashes and colons. */
function isIn(name: string, entry: string): boolean {
  const written = folded(entry);
  if (written.endsWith('*')) return name.startsWith(written.slice(0, -1));
  const container = written.replace(/[/:]$/, '');
  if (!name.startsWith(container)) return false;
  return ['', '/', ':'].includes(name.charAt(container.length));
}
