import { AWS_ACCOUNT, TENANT } from '../../local/demo/tenant.ts';
import { identityCenterUser, samlUser } from './aws-identities.ts';
import { writeChain } from './chain-writer.ts';
import { consentGiven } from './directory-changes.ts';

const STORE = 'd-0123456789';

/** Asked for the second factor until they give in; then Identity Center, and in AWS what watches is switched off. */
export const identityCenterToOrganization = writeChain(
  7,
  'identity-center-to-organization',
  ['Samuel Okoro', 'logistics'],
  (write, cast) => {
    const app = cast.workload('Mail Companion');
    const userId = cast.id(1);
    const store = `arn:aws:identitystore::${AWS_ACCOUNT}:identitystore/${STORE}`;
    for (let i = 0; i < 8; i++) {
      write.signIn({ error: 500121, reason: 'Authentication failed during strong authentication request.' });
      write.wait(1);
    }
    write.signIn({ app: { id: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', name: 'Azure Portal' } });
    write.wait(6);
    write.directory(consentGiven(app, cast.person, 'openid offline_access Mail.Read Files.Read.All'));
    write.wait(5);
    const portal = 'AWS IAM Identity Center';
    write.signIn({
      app: { id: '21f81c9e-475d-4c26-9308-1de74a286f73', name: portal },
      properties: { resourceDisplayName: portal },
    });
    write.wait(0.1);
    write.aws(identityCenterUser(userId, STORE), 'signin:UserAuthentication', undefined, {
      properties: {
        eventType: 'AwsServiceEvent',
        additionalEventData: {
          AuthWorkflowID: cast.id(2),
          LoginTo: 'https://contoso-example.awsapps.com/start',
          CredentialType: 'EXTERNAL_IDP',
          UserName: cast.person.upn,
        },
        serviceEventDetails: { UserAuthentication: 'Success' },
      },
    });
    write.wait(1);
    const role = {
      path: 'aws-reserved/sso.amazonaws.com/',
      name: 'AWSReservedSSO_Administrator_00000000000c0de7',
      id: cast.awsId('AROA'),
    };
    const session = write.assume(
      samlUser('ZXhhbXBsZS9zc28vcXVhbCE=', cast.person.upn),
      'AssumeRoleWithSAML',
      role,
      { name: cast.person.upn, accessKeyId: cast.awsId('ASIA') },
      {
        request: { principalArn: cast.iamArn('saml-provider/AWSSSO_00000000000c0de7_DO_NOT_DELETE') },
        response: {
          subjectType: 'persistent',
          issuer: `https://portal.sso.eu-north-1.amazonaws.com/saml/assertion/${TENANT}`,
          nameQualifier: 'ZXhhbXBsZS9zc28vcXVhbCE=',
          subject: cast.person.upn,
          audience: 'https://signin.aws.amazon.com/saml',
        },
      },
    );
    const identity = { ...session.identity, onBehalfOf: { userId, identityStoreArn: store } };
    write.wait(3);
    write.aws(identity, 'guardduty:DeleteDetector', { detectorId: '00000000000000000000000000000007' });
    write.wait(2);
    write.aws(identity, 'config:StopConfigurationRecorder', { configurationRecorderName: 'default' });
    write.wait(4);
    write.aws(identity, 'organizations:LeaveOrganization');
    write.wait(6);
    write.aws(identity, 'ssm:SendCommand', {
      documentName: 'AWS-RunShellScript',
      instanceIds: ['i-0123456789abcde07'],
      parameters: 'HIDDEN_DUE_TO_SECURITY_REASONS',
    });
    return {
      directory: {
        users: [
          {
            tenant: TENANT,
            objectId: cast.person.objectId,
            userPrincipalName: cast.person.upn,
            identityCenterIds: [`${STORE}/${userId}`],
          },
        ],
      },
      expected: {
        principals: [cast.person.upn],
        clouds: ['Microsoft Entra', 'AWS'],
        steps: [
          'Consent to application',
          'DeleteDetector',
          'StopConfigurationRecorder',
          'LeaveOrganization',
          'SendCommand',
        ],
        techniques: ['T1528', 'T1685', 'T1666', 'T1651'],
      },
    };
  },
);
