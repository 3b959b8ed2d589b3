import { z } from 'zod';
import { isObject } from '../../../platform/json.ts';
import { parseTime } from '../shared/time.ts';
import { openLine } from './forms.ts';

/** Read where it is text; a value of another type is passed over. */
const text = z.string().optional().catch(undefined);

const isTime = (value: unknown): boolean =>
  (typeof value === 'string' || typeof value === 'number') && parseTime(value) !== undefined;

const userSchema = z
  .looseObject({
    username: text,
    uid: text,
    groups: z.array(z.unknown()).optional().catch(undefined),
    extra: z.looseObject({}).optional().catch(undefined),
  })
  .optional()
  .catch(undefined);

/**
 * An event of the Kubernetes audit log.
 *
 * ```json
 * {
 *   "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
 *   "auditID": "…", "stage": "ResponseComplete",
 *   "requestURI": "/api/v1/namespaces/shop/pods/web/exec?command=sh", "verb": "create",
 *   "user": { "username": "ada@contoso.example", "groups": ["system:authenticated"], "extra": { "oid": ["…"] } },
 *   "sourceIPs": ["203.0.113.7"], "userAgent": "kubectl/v1.35.0",
 *   "objectRef": { "resource": "pods", "subresource": "exec", "namespace": "shop", "name": "web", "apiVersion": "v1" },
 *   "responseStatus": { "code": 101 },
 *   "requestReceivedTimestamp": "2026-11-20T10:11:12.123456Z", "stageTimestamp": "2026-11-20T10:11:12.234567Z",
 *   "annotations": { "authorization.k8s.io/decision": "allow" }
 * }
 * ```
 *
 * https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
 */
export const auditEventSchema = z.looseObject({
  auditID: text,
  stage: text,
  level: text,
  verb: text,
  requestURI: text,
  user: userSchema,
  impersonatedUser: userSchema,
  sourceIPs: z.array(z.unknown()).optional().catch(undefined),
  userAgent: text,
  objectRef: z
    .looseObject({
      resource: text,
      subresource: text,
      namespace: text,
      name: text,
      uid: text,
      apiGroup: text,
      apiVersion: text,
    })
    .optional()
    .catch(undefined),
  responseStatus: z
    .looseObject({ code: z.number().optional().catch(undefined), reason: text, message: text })
    .optional()
    .catch(undefined),
  annotations: z.looseObject({}).optional().catch(undefined),
});

const auditLineSchema = z
  .object({ kind: z.literal('audit'), time: z.unknown(), event: auditEventSchema })
  .refine(({ event }) => Boolean(event.verb) || Boolean(event.user?.username) || Boolean(event.requestURI), {
    path: ['event', 'verb'],
    error: 'expected a verb, or a user or request URI to go by',
  })
  .refine(
    ({ event, time }) => [event.stageTimestamp, event.requestReceivedTimestamp, event.timestamp, time].some(isTime),
    { path: ['event', 'stageTimestamp'], error: 'expected a time' },
  );

const guardLineSchema = z.object({
  kind: z.literal('guard'),
  time: z.unknown().refine(isTime, 'expected a time'),
  log: z.string().min(1),
});

/** A record of an audit log or of guard, in any of its forms. */
export const schema = z.preprocess(
  (record) => (isObject(record) ? openLine(record) : record),
  z.discriminatedUnion('kind', [auditLineSchema, guardLineSchema]),
);
