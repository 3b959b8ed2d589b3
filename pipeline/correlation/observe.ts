import { actionOf, operationOf } from '../timeline/action-of.ts';
import type { StoredEvent } from '../timeline/codec.ts';
import { linkId } from './identities.ts';
import { linksOf } from '../timeline/identity/links-of.ts';
import type { Trusts } from '../timeline/identity/trust.ts';
import type { Observation } from '../timeline/observation.ts';

/** What joining an event with others needs of it. @param trusts which issuers stand for which tenants and clusters */
export function observationOf(event: StoredEvent, trusts?: Trusts): Observation {
  const {
    id,
    source,
    recordId,
    time,
    principal,
    operation,
    entities,
    ocsf,
    signals,
    matches = [],
    posture = [],
  } = event;
  return {
    ...{ id, source, recordId, time, principal, entities, matches, posture },
    ...(operation !== undefined && { operation }),
    action: actionOf(ocsf),
    signals: signals.filter(({ suppressed }) => suppressed === undefined),
    links: linksOf(event, trusts),
    ...(isEntry(event) && { entry: true }),
  };
}

/**
 * Whether an observation has a part in anything but the question who is who. All other events matter for their links alone, and only
 * while these are not known.
 */
export const isTelling = ({ signals, matches, posture, entry }: Observation): boolean =>
  signals.length > 0 || matches.length > 0 || posture.length > 0 || entry === true;

/** Whether the observation of an event would be telling: most are not, and need not be made. */
export const isToldOf = (event: StoredEvent): boolean =>
  event.signals.some(({ suppressed }) => suppressed === undefined) ||
  (event.matches ?? []).length > 0 ||
  (event.posture ?? []).length > 0 ||
  isEntry(event);

/** So many links are remembered as sent; one that is forgotten is sent again. */
const MAX_LINKS = 200_000;

/** Picks of events what is to be joined with others. */
export class Observer {
  readonly #trusts: Trusts | undefined;
  readonly #sent = new Set<string>();

  constructor(trusts?: Trusts) {
    this.#trusts = trusts;
  }

  /** The observations of events, without those that say nothing that was not sent before. */
  observe(events: readonly StoredEvent[]): Observation[] {
    return events
      .filter((event) => isToldOf(event) || linksOf(event, this.#trusts).some((link) => !this.#sent.has(linkId(link))))
      .map((event) => observationOf(event, this.#trusts));
  }

  /** Notes that observations arrived. */
  sent(observations: readonly Observation[]): void {
    for (const { links } of observations) {
      for (const link of links) {
        if (this.#sent.size >= MAX_LINKS) this.#sent.clear();
        this.#sent.add(linkId(link));
      }
    }
  }
}

/** Sign-ins to consoles, and calls by which what another cloud or directory vouches for takes on a role. */
const AWS_ENTRIES: ReadonlySet<string> = new Set([
  'ConsoleLogin',
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
  'Authenticate',
  'Federate',
]);

function isEntry(event: StoredEvent): boolean {
  const { ocsf } = event;
  if (ocsf.class_uid !== 3002 || ocsf.status_id !== 1) return false;
  if (event.source === 'entra') return ocsf.logon_type_id === 2;
  return event.source === 'cloudtrail' && AWS_ENTRIES.has(operationOf(ocsf) ?? '');
}
