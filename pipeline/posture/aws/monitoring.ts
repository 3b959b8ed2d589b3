import { objectOf, textOf, type Json } from '../../../platform/json.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { mends, weakens, type Place } from '../change-of.ts';
import { flagOf, membersOf } from '../values.ts';
import { accountOf, listed, regional, type AwsCall, type AwsCalls } from './call.ts';

type Change = (call: AwsCall) => readonly PostureChange[];

function trailOf(call: AwsCall, part: string): Place | undefined {
  const name = textOf(call.request['name']) ?? textOf(call.request['trailName']);
  if (name === undefined) return undefined;
  return { condition: 'logging-off', resource: regional(call, 'cloudtrail', `trail/${name}`), part };
}

/** @param isWeak true where the call makes the part of its trail weak, false where it mends it, undefined where it says nothing */
const ofTrail =
  (part: string, isWeak: (call: AwsCall) => boolean | undefined, weak: string, strong: string): Change =>
  (call) => {
    const place = trailOf(call, part);
    const weakened = isWeak(call);
    if (place === undefined || weakened === undefined) return [];
    return [weakened ? weakens(place, weak) : mends(place, strong)];
  };

const records = (weakened: boolean, weak = 'no longer records'): Change =>
  ofTrail('recording', () => weakened, weak, 'records again');

/** Whether a trail's selectors leave out management events. One selector that has them is enough. */
function leavesOutManagement({ request }: AwsCall): boolean {
  const basic = membersOf(request['eventSelectors']);
  const advanced = membersOf(request['advancedEventSelectors']);
  return !(
    basic.some((selector) => flagOf(objectOf(selector)?.['includeManagementEvents']) === true) ||
    advanced.some((selector) => membersOf(objectOf(selector)?.['fieldSelectors']).some(selectsManagement))
  );
}

function selectsManagement(selector: Json): boolean {
  const { field, equals } = objectOf(selector) ?? {};
  return field === 'eventCategory' && membersOf(equals).includes('Management');
}

function oneRegionOnly({ request }: AwsCall): boolean | undefined {
  const all = flagOf(request['isMultiRegionTrail']);
  return all === undefined ? undefined : !all;
}

/** A service that watches an account in one region: whoever switches it on again makes a new one, so the account is what is weak. */
const watching =
  (service: string, on: boolean | ((call: AwsCall) => boolean | undefined)): Change =>
  (call) => {
    const watches = typeof on === 'boolean' ? on : on(call);
    if (watches === undefined || call.account === '') return [];
    const place: Place = {
      condition: 'logging-off',
      resource: accountOf(call),
      part: `${service} in ${call.region}`,
    };
    return [watches ? mends(place, 'watches again') : weakens(place, 'no longer watches')];
  };

const enabled = ({ request }: AwsCall): boolean | undefined => flagOf(request['enable']);

const flowLogs = (call: AwsCall, part: string): Place => ({
  condition: 'logging-off',
  resource: accountOf(call),
  part: `flow log ${part}`,
});

const contentOf = (value: Json): string | undefined => textOf(value) ?? textOf(objectOf(value)?.['content']);

/** Flow logs are deleted by their own ids, and made for a network or interface, which they are known by from then on. */
function flowLogsCreated(call: AwsCall): readonly PostureChange[] {
  const request = objectOf(call.request['CreateFlowLogsRequest']);
  const made = objectOf(objectOf(call.response['CreateFlowLogsResponse'])?.['flowLogIdSet'])?.['item'];
  const resources = listed(request?.['ResourceId']).map(contentOf);
  return listed(made).flatMap((item, at) => {
    const id = contentOf(item);
    const resource = resources[at];
    if (id === undefined || resource === undefined) return [];
    return [mends({ ...flowLogs(call, resource), also: `flow log ${id}` }, 'records traffic')];
  });
}

function flowLogsDeleted(call: AwsCall): readonly PostureChange[] {
  const request = objectOf(call.request['DeleteFlowLogsRequest']);
  return listed(request?.['FlowLogId']).flatMap((item) => {
    const id = contentOf(item);
    return id === undefined ? [] : [weakens(flowLogs(call, id), 'no longer records traffic')];
  });
}

/** A trail that is made records nothing until it is started, so only that mends. */
export const CLOUDTRAIL: AwsCalls = {
  StopLogging: records(true),
  DeleteTrail: records(true, 'is deleted'),
  StartLogging: records(false),
  UpdateTrail: ofTrail('all regions', oneRegionOnly, 'records one region only', 'records all regions'),
  PutEventSelectors: ofTrail(
    'management events',
    leavesOutManagement,
    'leaves out management events',
    'records management events',
  ),
};

export const GUARDDUTY: AwsCalls = {
  DeleteDetector: watching('GuardDuty', false),
  CreateDetector: watching('GuardDuty', enabled),
  UpdateDetector: watching('GuardDuty', enabled),
};

export const SECURITY_HUB: AwsCalls = {
  DisableSecurityHub: watching('Security Hub', false),
  EnableSecurityHub: watching('Security Hub', true),
};

export const CONFIG: AwsCalls = {
  StopConfigurationRecorder: watching('Config', false),
  DeleteConfigurationRecorder: watching('Config', false),
  StartConfigurationRecorder: watching('Config', true),
};

export const FLOW_LOGS: AwsCalls = { CreateFlowLogs: flowLogsCreated, DeleteFlowLogs: flowLogsDeleted };
