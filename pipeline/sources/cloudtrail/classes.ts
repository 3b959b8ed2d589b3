import { isObject, objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import type {
  AccountChange,
  Api,
  ApiActivity,
  Authentication,
  HttpRequest,
  Metadata,
  NetworkEndpoint,
  ResourceDetails,
  User,
} from '../../timeline/ocsf/types.ts';
import type { Identity } from './identity.ts';
import { READ_CALL, type AwsService, type Operation } from './operations.ts';
import type { Place } from '../shared/aws-place.ts';

/** What events of every class have. */
export interface Common {
  readonly time: number;
  readonly metadata: Metadata;
  readonly place: Place;
  readonly api: Api;
  readonly unmapped: JsonObject | undefined;
}

/** What is known of a call once it is read. */
export interface Call extends Common {
  readonly record: JsonObject;
  readonly identity: Identity;
  readonly origin: NetworkEndpoint;
  readonly http: HttpRequest | undefined;
  readonly service: AwsService;
  readonly resources: readonly ResourceDetails[] | undefined;
}

/** The OCSF event of a call, in the class of its operation. */
export function eventOf(call: Call, operation: Operation): ApiActivity | AccountChange | Authentication {
  switch (operation.kind) {
    case 'sign-in':
      return signIn(call, operation);
    case 'account-change':
      return accountChange(call, operation);
    case 'call':
      return apiCall(call, operation);
  }
}

function apiCall(call: Call, operation: Extract<Operation, { kind: 'call' }>): ApiActivity {
  const { record, api } = call;
  const activity = !operation.verbKnown && record['readOnly'] === true ? READ_CALL : operation.class;
  const failed = api.response?.error !== undefined;
  return {
    activity_id: activity.activity_id,
    category_uid: activity.category_uid,
    class_uid: activity.class_uid,
    type_uid: activity.type_uid,
    severity_id: 1,
    status_id: failed ? 2 : 1,
    status_code: api.response?.error,
    status_detail: api.response?.error_message,
    time: call.time,
    metadata: call.metadata,
    cloud: call.place.cloud,
    api,
    actor: call.identity.actor,
    src_endpoint: call.origin,
    http_request: call.http,
    resources: call.resources,
    unmapped: call.unmapped,
  };
}

function accountChange(call: Call, operation: Extract<Operation, { kind: 'account-change' }>): AccountChange {
  const { record, api } = call;
  const request = objectOf(record['requestParameters']);
  const policy = request === undefined ? undefined : textOf(request['policyArn']);
  const policyName = request === undefined ? undefined : textOf(request['policyName']);
  const failed = api.response?.error !== undefined;
  return {
    activity_id: operation.class.activity_id,
    category_uid: operation.class.category_uid,
    class_uid: operation.class.class_uid,
    type_uid: operation.class.type_uid,
    severity_id: 1,
    status_id: failed ? 2 : 1,
    status_code: api.response?.error,
    status_detail: api.response?.error_message,
    time: call.time,
    metadata: call.metadata,
    cloud: call.place.cloud,
    api,
    actor: call.identity.actor,
    user: changedUser(record, request) ?? call.identity.user,
    policies: policy === undefined && policyName === undefined ? undefined : [{ uid: policy, name: policyName }],
    src_endpoint: call.origin,
    http_request: call.http,
    unmapped: call.unmapped,
  };
}

/** The user or role that an IAM call changes; without a name in the request it is the caller, as when people change their own password. */
function changedUser(record: JsonObject, request: JsonObject | undefined): User | undefined {
  const response = objectOf(record['responseElements']);
  const created = response === undefined ? undefined : (objectOf(response['user']) ?? objectOf(response['role']));
  const name =
    (request === undefined ? undefined : (textOf(request['userName']) ?? textOf(request['roleName']))) ??
    (created === undefined ? undefined : (textOf(created['userName']) ?? textOf(created['roleName'])));
  if (name === undefined) return undefined;
  return {
    name,
    uid: created === undefined ? undefined : textOf(created['arn']),
    uid_alt: created === undefined ? undefined : (textOf(created['userId']) ?? textOf(created['roleId'])),
  };
}

function signIn(call: Call, operation: Extract<Operation, { kind: 'sign-in' }>): Authentication {
  const { record, api } = call;
  const request = objectOf(record['requestParameters']);
  const response = objectOf(record['responseElements']);
  const additional = objectOf(record['additionalEventData']);
  const mfa = additional === undefined ? undefined : additional['MFAUsed'];
  const failed = api.response?.error !== undefined || isRefused(record, response, api.operation);
  return {
    activity_id: operation.class.activity_id,
    category_uid: operation.class.category_uid,
    class_uid: operation.class.class_uid,
    type_uid: operation.class.type_uid,
    severity_id: 1,
    status_id: failed ? 2 : 1,
    status_code: api.response?.error,
    status_detail: api.response?.error_message,
    time: call.time,
    metadata: call.metadata,
    cloud: call.place.cloud,
    api,
    actor: call.identity.actor,
    user: assumedUser(request) ?? call.identity.user,
    session: response === undefined ? undefined : openedSession(response),
    service: call.service.ocsf,
    auth_protocol_id: operation.protocol === 0 ? undefined : operation.protocol,
    is_mfa: mfa === 'Yes' ? true : mfa === 'No' ? false : undefined,
    src_endpoint: call.origin,
    http_request: call.http,
    unmapped: call.unmapped,
  };
}

/** Sign-ins say `Failure` under their own name, in the response or in `serviceEventDetails`, and may name no error. */
function isRefused(record: JsonObject, response: JsonObject | undefined, operation: string): boolean {
  const details = record['serviceEventDetails'];
  return says(response, operation) || (isObject(details) && says(details, operation));
}

const says = (object: JsonObject | undefined, operation: string): boolean =>
  object !== undefined && Object.hasOwn(object, operation) && object[operation] === 'Failure';

/** The role that is taken on, under the name of its new session. */
function assumedUser(request: JsonObject | undefined): User | undefined {
  if (request === undefined) return undefined;
  const role = textOf(request['roleArn']) ?? textOf(request['targetPrincipal']);
  const name = textOf(request['roleSessionName']) ?? textOf(request['name']);
  return role === undefined && name === undefined ? undefined : { uid: role, name };
}

function openedSession(response: JsonObject): Authentication['session'] {
  const user = objectOf(response['assumedRoleUser']) ?? objectOf(response['federatedUser']);
  const credentials = objectOf(response['credentials']);
  if (user === undefined && credentials === undefined) return undefined;
  const read = (object: JsonObject | undefined, name: string): string | undefined => textOf(object?.[name]);
  return {
    uid: read(user, 'arn'),
    uid_alt: read(user, 'assumedRoleId') ?? read(user, 'federatedUserId'),
    credential_uid: read(credentials, 'accessKeyId'),
  };
}
