import type { StoredEvent } from '../timeline/codec.ts';
import { linkId } from './identities.ts';
import { linksOf } from '../timeline/identity/links-of.ts';
import type { Trusts } from '../timeline/identity/trust.ts';
import type { Action, ActionOrigin, Observation } from '../timeline/observation.ts';
import type { OcsfEvent } from '../timeline/ocsf/types.ts';

const MAX_CLIENT = 200;
const MAX_NAME = 300;
const OUTCOMES = { 1: 'success', 2: 'failure' } as const;

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
      .map((event) => observationOf(event, this.#trusts))
      .filter((one) => isTelling(one) || one.links.some((link) => !this.#sent.has(linkId(link))));
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

function actionOf(ocsf: OcsfEvent): Action {
  const outcome = 'status_id' in ocsf ? ocsf.status_id : undefined;
  return withoutUndefined({
    operation: short(operationOf(ocsf)) ?? 'unknown',
    classUid: ocsf.class_uid,
    activityId: ocsf.activity_id,
    outcome: outcome === 1 || outcome === 2 ? OUTCOMES[outcome] : 'unknown',
    service: short(serviceOf(ocsf)),
    method: ocsf.class_uid === 3002 ? short(ocsf.auth_protocol) : undefined,
    account: short(accountOf(ocsf)),
    from: originOf(ocsf),
  });
}

/** As its source calls it: the call's name, or the kind of record. */
function operationOf(ocsf: OcsfEvent): string | undefined {
  if ('api' in ocsf && ocsf.api !== undefined) return ocsf.api.operation;
  return ocsf.metadata.event_code ?? ocsf.activity_name;
}

function serviceOf(ocsf: OcsfEvent): string | undefined {
  if ('service' in ocsf && ocsf.service?.name !== undefined) return ocsf.service.name;
  return 'api' in ocsf ? ocsf.api?.service?.name : undefined;
}

function accountOf(ocsf: OcsfEvent): string | undefined {
  const cloud = 'cloud' in ocsf ? ocsf.cloud : undefined;
  return cloud?.account?.uid ?? cloud?.org?.uid;
}

function originOf(ocsf: OcsfEvent): ActionOrigin | undefined {
  const endpoint = 'src_endpoint' in ocsf ? ocsf.src_endpoint : undefined;
  const http = 'http_request' in ocsf ? ocsf.http_request : undefined;
  if (endpoint === undefined && http === undefined) return undefined;
  const { location } = endpoint ?? {};
  return withoutUndefined({
    ip: endpoint?.ip,
    asn: endpoint?.autonomous_system?.number,
    country: location?.country,
    city: location?.city,
    latitude: location?.lat,
    longitude: location?.long,
    client: http?.user_agent?.slice(0, MAX_CLIENT),
  });
}

const short = (text: string | undefined): string | undefined => text?.slice(0, MAX_NAME);

/** So that an observation is the same before it is written as JSON and after. */
function withoutUndefined<T extends object>(object: T): T {
  for (const name of Object.keys(object)) {
    if (Reflect.get(object, name) === undefined) Reflect.deleteProperty(object, name);
  }
  return object;
}
