import { NamedIdentities } from '../identity-names.ts';
import type { Guard, GuardQuestion } from './guard.ts';
import { byConfiguration, named, refuse } from './verdict.ts';

/** Somebody whom a plan takes something from, by all that a configuration may call them. */
interface Touched {
  readonly label: string;
  readonly names: readonly string[];
}

/** Things and targets are asked too: a role or a service account may be either to an action. */
function touchedBy({ plan }: GuardQuestion): Touched[] {
  const subjects = plan.subjects.flatMap((subject): Touched[] => {
    if (subject.kind === 'principal') return [{ label: subject.label, names: [...subject.keys, subject.label] }];
    return subject.kind === 'resource' ? [{ label: subject.label, names: [subject.key] }] : [];
  });
  const targets = [plan.target, ...plan.changes.map(({ target }) => target)];
  return [...subjects, ...targets.map(({ id, label }) => ({ label, names: [id] }))];
}

/** Identities that act for Crosstrail, and those that the configuration names. */
export const neverPrincipal: Guard = {
  name: 'never-principal',
  description:
    'Nothing is done to whom `response.guards.neverPrincipals` names (break-glass accounts first of all), nor to the identities that act for Crosstrail (`response.identities`). No approval overrides it; whoever may change the configuration can.',
  ask(question) {
    const touched = touchedBy(question);
    const { identities, guards } = question.settings;
    const own = touched.find(({ names }) => new NamedIdentities(identities).entryOf(names) !== undefined);
    if (own !== undefined) {
      return refuse(
        `${named([own.label])} is one of the identities that act for Crosstrail`,
        byConfiguration('response.identities'),
      );
    }
    const protectedOnes = new NamedIdentities(guards.neverPrincipals);
    for (const { label, names } of touched) {
      const entry = protectedOnes.entryOf(names);
      if (entry === undefined) continue;
      return refuse(
        `Nothing is done to ${named([label])}: it is named as ${named([entry])}`,
        byConfiguration('response.guards.neverPrincipals'),
      );
    }
    return undefined;
  },
};
