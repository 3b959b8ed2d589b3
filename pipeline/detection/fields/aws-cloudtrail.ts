import type { SourceFields } from './source-fields.ts';

/**
 * CloudTrail. The record and `userIdentity` are closed; what a service says of a call is its own.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export const AWS_CLOUDTRAIL: SourceFields = {
  logsource: { product: 'aws', service: 'cloudtrail' },
  known: {
    '': `
      eventVersion eventID eventTime eventSource eventName eventType eventCategory awsRegion recipientAccountId
      userIdentity sourceIPAddress userAgent errorCode errorMessage requestID apiVersion managementEvent readOnly
      requestParameters.* responseElements.* additionalEventData.* serviceEventDetails.* insightDetails.* insightContext.*
      resources sharedEventID vpcEndpointId vpcEndpointAccountId tlsDetails sessionCredentialFromConsole addendum
      edgeDeviceDetails.* eventContext annotation`,
    userIdentity: `
      type userName principalId arn accountId accessKeyId invokedBy sessionContext onBehalfOf identityProvider
      credentialId inScopeOf.*`,
    'userIdentity.sessionContext': `
      sessionIssuer attributes webIdFederationData sourceIdentity ec2RoleDelivery assumedRoot`,
    'userIdentity.sessionContext.sessionIssuer': 'type userName principalId arn accountId',
    'userIdentity.sessionContext.attributes': 'mfaAuthenticated creationDate',
    'userIdentity.sessionContext.webIdFederationData': 'federatedProvider attributes.*',
    'userIdentity.onBehalfOf': 'userId identityStoreArn',
    resources: 'ARN ARNPrefix accountId type',
    tlsDetails: 'tlsVersion cipherSuite clientProvidedHostHeader keyExchange',
    addendum: 'reason updatedFields originalRequestID originalEventID',
    eventContext: 'requestContext.* tagContext.*',
  },
  single:
    'eventID eventTime eventSource eventName eventType eventCategory awsRegion recipientAccountId userIdentity.type errorCode',
  meanings: [
    // A call has an error or it has not: no field says that it succeeded.
    { fields: 'status errorCode', text: 'Success', is: { errorCode: null } },
    { fields: 'status', text: 'Failure', is: { errorCode: '?*' } },
  ],
};
