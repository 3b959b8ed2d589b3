import type { IncidentAlert, PrincipalNames } from '../../timeline/incident.ts';
import { isCredential, isIdentity } from '../../timeline/identity/key-traits.ts';
import type { Observation } from '../../timeline/observation.ts';
import { actedKeys } from './acted-keys.ts';
import { givenKeys } from './given-keys.ts';
import type { KeyUse } from './key-use.ts';

/** What is shared by more than this many principals joins nobody, nor does an alert on more than this many of them, or of their things. */
export const MAX_SHARED = 8;

/** A key in one alert: what all its events have to do with it on one side. */
export interface AlertKey extends KeyUse {
  readonly alert: string;
  /** Event times of the first and of the last event that has to do with it, milliseconds since 1970-01-01T00:00:00Z. */
  readonly first: number;
  readonly last: number;
  /** Who did these events, as far as known. */
  readonly principals: ReadonlySet<string>;
  /** From where. They join nothing, but tell of several who could be meant which it was. */
  readonly addresses: ReadonlySet<string>;
}

/** The keys by which an alert may be joined with others, each once for either side. */
export function keysOfAlert({ alert, events }: IncidentAlert, names: PrincipalNames): AlertKey[] {
  const done = events.filter(({ action }) => action.outcome !== 'failure');
  // What was refused concerns somebody where she is the only one. Of a spray over several accounts it concerns those who were got into.
  const acting =
    principalsOf(events, names).size <= 1 ? events : principalsOf(done, names).size <= MAX_SHARED ? done : [];
  const gathered = new Map<string, Gathered>();
  for (const event of acting) gather(gathered, alert.id, event, actedKeys(event, names), names);
  for (const event of done) gather(gathered, alert.id, event, givenKeys(event, names), names);
  const keys = [...gathered.values()];
  const things = keys.filter(isThing).length;
  return things > MAX_SHARED ? keys.filter((key) => !isThing(key)) : keys;
}

/** Whether it is somebody or something that was changed, and no credential: of those each is joined with its own use alone. */
const isThing = ({ side, id }: KeyUse): boolean => side === 'given' && !isCredential(id);

const principalsOf = (events: readonly Observation[], names: PrincipalNames): ReadonlySet<string> =>
  new Set(events.map((event) => holderOf(event, names)));

/** Who did it; where nobody knows whose a session is, by its credential: its name is one that many may choose. */
function holderOf(event: Pick<Observation, 'principal' | 'entities'>, names: PrincipalNames): string {
  const principal = names.principalOf(event);
  const credential = event.entities.find(({ part }) => part === 'credential')?.key;
  return isIdentity(principal) || credential === undefined ? principal : names.resolve(credential);
}

interface Gathered extends AlertKey {
  alike: KeyUse['alike'];
  first: number;
  last: number;
  readonly principals: Set<string>;
  readonly addresses: Set<string>;
}

function gather(
  gathered: Map<string, Gathered>,
  alert: string,
  { time, action, ...event }: Observation,
  uses: readonly KeyUse[],
  names: PrincipalNames,
): void {
  const holder = holderOf(event, names);
  for (const use of uses) {
    const id = `${use.side} ${use.id}`;
    let known = gathered.get(id);
    if (known === undefined) {
      known = { ...use, alike: use.alike, alert, first: time, last: time, principals: new Set(), addresses: new Set() };
      gathered.set(id, known);
    }
    known.alike ??= use.alike;
    known.first = Math.min(known.first, time);
    known.last = Math.max(known.last, time);
    known.principals.add(holder);
    if (action.from?.ip !== undefined) known.addresses.add(action.from.ip);
  }
}
