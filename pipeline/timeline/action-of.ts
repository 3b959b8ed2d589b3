import type { Action, ActionOrigin } from './observation.ts';
import type { OcsfEvent } from './ocsf/types.ts';

const MAX_CLIENT = 200;
const MAX_NAME = 300;
/** The category of OCSF. */
const FINDINGS = 2;
const OUTCOMES = { 1: 'success', 2: 'failure' } as const;

/** What somebody did, in a few fields. What is not known is left out, so that it is the same before it is written as JSON and after. */
export function actionOf(ocsf: OcsfEvent): Action {
  // The status of a finding is whether somebody looks after it, not how it ended.
  const outcome = ocsf.category_uid !== FINDINGS && 'status_id' in ocsf ? ocsf.status_id : undefined;
  const service = short(serviceOf(ocsf));
  const method = ocsf.class_uid === 3002 ? short(ocsf.auth_protocol) : undefined;
  const account = short(accountOf(ocsf));
  const from = originOf(ocsf);
  return {
    operation: short(operationOf(ocsf)) ?? 'unknown',
    classUid: ocsf.class_uid,
    activityId: ocsf.activity_id,
    outcome: outcome === 1 || outcome === 2 ? OUTCOMES[outcome] : 'unknown',
    ...(service !== undefined && { service }),
    ...(method !== undefined && { method }),
    ...(account !== undefined && { account }),
    ...(from !== undefined && { from }),
  };
}

/** As its source calls it: the call's name, the title of a finding, or the kind of record. */
export function operationOf(ocsf: OcsfEvent): string | undefined {
  if ('api' in ocsf && ocsf.api !== undefined) return ocsf.api.operation;
  const title = 'finding_info' in ocsf ? ocsf.finding_info.title : undefined;
  return title ?? ocsf.metadata.event_code ?? ocsf.activity_name;
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
  const ip = endpoint?.ip;
  const asn = endpoint?.autonomous_system?.number;
  const { country, city, lat: latitude, long: longitude } = endpoint?.location ?? {};
  const client = http?.user_agent?.slice(0, MAX_CLIENT);
  return {
    ...(ip !== undefined && { ip }),
    ...(asn !== undefined && { asn }),
    ...(country !== undefined && { country }),
    ...(city !== undefined && { city }),
    ...(latitude !== undefined && { latitude }),
    ...(longitude !== undefined && { longitude }),
    ...(client !== undefined && { client }),
  };
}

const short = (text: string | undefined): string | undefined => text?.slice(0, MAX_NAME);
