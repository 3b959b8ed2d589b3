import { AWS_ACCOUNT, SUBSCRIPTION, TENANT, type Person } from '../../local/demo/tenant.ts';
import { ENTRA_ISSUER, samlUser, webIdentity, type RoleSession } from './aws-identities.ts';
import type { Workload } from './cast.ts';
import type { ChainWriter } from './chain-writer.ts';

/** Moves that many attacks have in common, each as the records that it leaves. */

/** The person is talked into entering a device code, and the attacker holds the token. */
export const phishByDeviceCode = (write: ChainWriter): void =>
  write.signIn({
    app: { id: '29d9ed98-a469-4536-ade2-f981bc1d605e', name: 'Microsoft Authentication Broker' },
    protocol: 'deviceCode',
    agent: 'python-requests/2.32.3',
    properties: { resourceDisplayName: 'Device Registration Service' },
  });

/** The person signs in on the attacker's page, which hands everything on to Entra and keeps the session. */
export const phishByProxy = (write: ChainWriter): void =>
  write.signIn({
    app: { id: '4765445b-32c6-49b0-83e6-1d93765276ca', name: 'OfficeHome' },
    agent: 'axios/1.7.9',
    properties: { resourceDisplayName: 'OfficeHome' },
  });

/** A stolen password is enough, though Entra rates the sign-in as of high risk. */
export const signInAtHighRisk = (write: ChainWriter): void =>
  write.signIn({
    app: { id: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', name: 'Azure Portal' },
    properties: {
      riskLevelDuringSignIn: 'high',
      riskState: 'atRisk',
      authenticationRequirement: 'singleFactorAuthentication',
    },
  });

/** Owner of the whole subscription. */
export function assignOwner(write: ChainWriter, to: Person | Workload, by?: Person | Workload): void {
  const scope = `/subscriptions/${SUBSCRIPTION}`;
  const role = '/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
  write.azure(
    'Microsoft.Authorization/roleAssignments/write',
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${write.cast.id(19)}`,
    { Properties: { PrincipalId: to.objectId, RoleDefinitionId: role, Scope: scope } },
    by === undefined ? {} : { by },
  );
}

/** The attacker goes from Entra to AWS as an application, by a token that AWS trusts. */
export const assumeAsApplication = (write: ChainWriter, who: Workload, role: string, which: number): RoleSession =>
  write.assume(
    webIdentity(ENTRA_ISSUER, `api://${write.cast.system}-aws`, who.objectId),
    'AssumeRoleWithWebIdentity',
    { name: role, id: write.cast.awsId('AROA', which) },
    { name: who.name, accessKeyId: write.cast.awsId('ASIA', which) },
    {
      response: {
        subjectFromWebIdentityToken: who.objectId,
        provider: `arn:aws:iam::${AWS_ACCOUNT}:oidc-provider/${ENTRA_ISSUER}`,
        audience: `api://${write.cast.system}-aws`,
      },
    },
  );

/** The person goes from Entra to AWS by the SAML application. */
export function assumeBySaml(write: ChainWriter, role: string, which: number): RoleSession {
  const { person } = write.cast;
  const name = 'Amazon Web Services (AWS)';
  write.signIn({
    app: { id: '8b1025e4-1dd2-430b-a150-2ef79cd700f5', name },
    properties: { resourceDisplayName: name },
  });
  write.wait(0.1);
  const provider = `arn:aws:iam::${AWS_ACCOUNT}:saml-provider/entra`;
  const nameQualifier = 'c2FtcGxlL25hbWUrcXVhbA==';
  return write.assume(
    samlUser(nameQualifier, person.upn),
    'AssumeRoleWithSAML',
    { name: role, id: write.cast.awsId('AROA', which) },
    { name: person.upn, accessKeyId: write.cast.awsId('ASIA', which) },
    {
      request: { sAMLAssertionID: `_${write.cast.id(which)}`, principalArn: provider },
      response: {
        subjectType: 'persistent',
        issuer: `https://sts.windows.net/${TENANT}/`,
        nameQualifier,
        subject: person.upn,
        audience: 'https://signin.aws.amazon.com/saml',
      },
      resources: [provider],
    },
  );
}

/** The certificate of the cluster's local administrator, which is nobody in particular. */
export const fetchClusterAdministrator = (write: ChainWriter, by?: Person | Workload): void =>
  write.azure(
    'Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action',
    write.cast.armId(`Microsoft.ContainerService/managedClusters/aks-${write.cast.system}`),
    {},
    by === undefined ? {} : { by },
  );

/** Whoever holds that certificate is this user. */
export const CLUSTER_ADMINISTRATOR = { user: 'masterclient', groups: ['system:masters', 'system:authenticated'] };

/** The content of all secrets of the cluster. */
export const listAllSecrets = (write: ChainWriter, as: { user: string; groups?: string[]; agent?: string }): void =>
  write.cluster({
    ...as,
    verb: 'list',
    uri: '/api/v1/secrets?limit=500',
    object: { resource: 'secrets', apiVersion: 'v1' },
  });

/** The operations of moves as sources name them, for what a chain expects. */
export const SIGN_IN = 'Sign-in activity';
export const OWNER_ASSIGNED = 'Microsoft.Authorization/roleAssignments/write';
export const CLUSTER_ADMINISTRATOR_FETCHED =
  'Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action';
