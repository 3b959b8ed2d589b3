import { z } from 'zod';
import { isObject, type Json } from '../../../platform/json.ts';
import { parseTime } from '../shared/time.ts';
import { withNames } from './lower-case.ts';

/** A property that is used where it has this type, and ignored where it has another. */
const optional = <T extends z.ZodType>(type: T) => type.optional().catch(undefined);
const text = optional(z.string());
const object = optional(z.looseObject({}));

const userIdentity = z.looseObject({
  type: text,
  principalId: text,
  arn: text,
  accountId: text,
  accessKeyId: text,
  userName: text,
  invokedBy: text,
  identityProvider: text,
  onBehalfOf: optional(z.looseObject({ userId: text, identityStoreArn: text })),
  sessionContext: optional(
    z.looseObject({
      sessionIssuer: optional(z.looseObject({ arn: text })),
      attributes: optional(z.looseObject({ creationDate: text, mfaAuthenticated: text })),
      webIdFederationData: optional(z.looseObject({ federatedProvider: text })),
      sourceIdentity: text,
    }),
  ),
});

const record = z
  .looseObject({
    eventTime: z
      .union([z.string(), z.number()])
      .refine((value: Json) => parseTime(value) !== undefined, 'expected a time between 1970 and 2200'),
    eventName: text,
    eventSource: text,
    eventID: text,
    eventType: text,
    eventCategory: text,
    eventVersion: text,
    awsRegion: text,
    recipientAccountId: text,
    sourceIPAddress: text,
    userAgent: text,
    errorCode: text,
    errorMessage: text,
    requestID: text,
    sharedEventID: text,
    vpcEndpointId: text,
    readOnly: optional(z.boolean()),
    userIdentity: optional(userIdentity),
    requestParameters: object,
    responseElements: object,
    additionalEventData: object,
    resources: optional(z.array(z.unknown())),
    insightDetails: optional(z.looseObject({ eventName: text, insightType: text })),
  })
  .refine(
    ({ eventName, insightDetails }) =>
      [eventName, insightDetails?.eventName, insightDetails?.insightType].some(
        (name) => name !== undefined && name !== '',
      ),
    { path: ['eventName'], message: 'expected the name of an operation' },
  );

/**
 * A CloudTrail record (AWS CloudTrail User Guide, "CloudTrail record contents"). Required is only what an event cannot do without:
 * when it happened and what was called. A record without an id is known by its hash.
 * Rows of Athena, whose names are in lower case, are read as the records that they were.
 */
export const schema = z.preprocess((value) => (isObject(value) ? withNames(value) : value), record);
