import { objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { Api, ApiActivity, HttpRequest, Url } from '../../timeline/ocsf/types.ts';

/** The object that a request is about. */
export interface Target {
  /** `<namespace>/<resource>/<name>`, with what is missing left empty. */
  readonly path: string;
  /** The resource with its subresource: `pods/exec`. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly apiGroup?: string | undefined;
  readonly apiVersion?: string | undefined;
}

/** The object of an audit event; undefined of a request that is about none (`/version`). */
export function targetOf(audit: JsonObject): Target | undefined {
  const ref = objectOf(audit.objectRef);
  const resource = textOf(ref?.resource);
  if (ref === undefined || resource === undefined) return undefined;
  const namespace = textOf(ref.namespace);
  const name = textOf(ref.name) ?? nameOfCreated(audit);
  const subresource = textOf(ref.subresource);
  return {
    path: `${namespace ?? ''}/${resource}/${name ?? ''}`,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    uid: textOf(ref.uid),
    apiGroup: textOf(ref.apiGroup),
    apiVersion: textOf(ref.apiVersion),
  };
}

/** A request to create does not name its object in the reference: the name is in the object, or made up by the server. */
function nameOfCreated(audit: JsonObject): string | undefined {
  if (audit.verb !== 'create') return undefined;
  return (
    textOf(objectOf(objectOf(audit.responseObject)?.metadata)?.name) ??
    textOf(objectOf(objectOf(audit.requestObject)?.metadata)?.name)
  );
}

/** The activity of a verb; https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb */
export function activityOf(verb: string | undefined): ApiActivity['activity_id'] {
  switch (verb) {
    case 'create':
      return 1;
    case 'get':
    case 'list':
    case 'watch':
    case 'head':
    case 'options':
      return 2;
    case 'update':
    case 'patch':
    case 'put':
      return 3;
    case 'delete':
    case 'deletecollection':
      return 4;
    case undefined:
      return 0;
    default:
      return 99;
  }
}

/** The call: verb and resource, or verb and path where there is no resource. */
export function apiOf(audit: JsonObject, target: Target | undefined, requestId: string): Api {
  const status = objectOf(audit.responseStatus);
  const code = codeOf(status);
  const verb = textOf(audit.verb);
  const what = target?.resource ?? urlOf(audit.requestURI)?.path;
  const failed = code !== undefined && code >= 400;
  const message = textOf(status?.message);
  const request = audit.requestObject;
  const response = audit.responseObject;
  return {
    operation: verb === undefined ? (what ?? 'request') : what === undefined ? verb : `${verb} ${what}`,
    group: target?.apiGroup === undefined ? undefined : { name: target.apiGroup },
    version: target?.apiVersion,
    service: { name: 'kube-apiserver' },
    request: request === undefined || request === null ? undefined : { uid: requestId, data: request },
    response:
      code === undefined && message === undefined && (response === undefined || response === null)
        ? undefined
        : {
            code,
            error: failed ? textOf(status?.reason) : undefined,
            error_message: failed ? message : undefined,
            message: failed ? undefined : message,
            data: response ?? undefined,
          },
  };
}

/** How a request went. */
export interface Outcome {
  readonly statusId: NonNullable<ApiActivity['status_id']>;
  readonly status?: string | undefined;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
}

/** How the request went; its first stages tell no outcome yet. */
export function outcomeOf(audit: JsonObject): Outcome {
  const stage = textOf(audit.stage);
  const status = objectOf(audit.responseStatus);
  const number = codeOf(status);
  const code = number === undefined ? undefined : String(number);
  const detail = textOf(status?.message) ?? textOf(status?.reason) ?? stage;
  if (stage === 'Panic' || (number !== undefined && number >= 400))
    return { statusId: 2, status: 'Failure', code, detail };
  if (code !== undefined) return { statusId: 1, status: 'Success', code, detail };
  return stage === undefined ? { statusId: 0, detail } : { statusId: 99, status: stage, detail };
}

function codeOf(status: JsonObject | undefined): number | undefined {
  const code = status?.code;
  return typeof code === 'number' && Number.isSafeInteger(code) ? code : undefined;
}

/** The HTTP request behind an audit event. Its method is told by the verb, but for verbs that several methods share. */
export function httpRequestOf(audit: JsonObject, target: Target | undefined): HttpRequest | undefined {
  const agent = textOf(audit.userAgent);
  const url = urlOf(audit.requestURI);
  if (agent === undefined && url === undefined) return undefined;
  return { http_method: methodOf(textOf(audit.verb), target), url, user_agent: agent };
}

function urlOf(uri: Json | undefined): Url | undefined {
  const text = textOf(uri);
  if (text === undefined) return undefined;
  const query = text.indexOf('?');
  return query === -1 ? { path: text } : { path: text.slice(0, query), query_string: text.slice(query + 1) };
}

function methodOf(verb: string | undefined, target: Target | undefined): HttpRequest['http_method'] {
  switch (verb) {
    case 'create':
    case 'post':
      return 'POST';
    case 'get':
    case 'list':
    case 'watch':
      return 'GET';
    case 'update':
    case 'put':
      return 'PUT';
    case 'patch':
      return 'PATCH';
    case 'delete':
    case 'deletecollection':
      return 'DELETE';
    case 'head':
    case 'options':
      return target === undefined ? (verb === 'head' ? 'HEAD' : 'OPTIONS') : undefined;
    default:
      return undefined;
  }
}
