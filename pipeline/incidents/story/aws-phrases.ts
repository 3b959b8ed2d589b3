import { onThings, Phrases, type Phrase } from './phrase.ts';
import { quoted } from './quoted.ts';
import type { Thing } from './thing.ts';

/** What calls of AWS do, by their name; the service before it where the name alone does not tell. Each: `does`, and the `title`. */
const PHRASES = new Phrases({
  // Logs and watch
  StopLogging: ['stop the logging of {trail}', 'CloudTrail logging stopped'],
  StartLogging: ['start the logging of {trail} again'],
  DeleteTrail: ['delete {trail}', 'a CloudTrail trail deleted'],
  UpdateTrail: ['change {trail}', 'a CloudTrail trail changed', 'vague'],
  PutEventSelectors: ['change which events {trail} records', 'CloudTrail records cut', 'vague'],
  PutInsightSelectors: ['change the insights of {trail}', 'CloudTrail insights cut'],
  DeleteDetector: ['delete {GuardDuty detector}', 'GuardDuty switched off'],
  UpdateDetector: ['change {GuardDuty detector}', 'GuardDuty changed', 'vague'],
  DisassociateFromMasterAccount: ['take the account out of GuardDuty', 'GuardDuty left'],
  StopConfigurationRecorder: ['stop AWS Config', 'AWS Config stopped'],
  DeleteConfigurationRecorder: ['delete the recorder of AWS Config', 'AWS Config stopped'],
  DeleteFlowLogs: ['delete flow logs[ of {VPC}]', 'flow logs deleted'],
  DisableSecurityHub: ['switch Security Hub off', 'Security Hub switched off'],
  DeleteLogGroup: ['delete {log group}', 'logs deleted'],
  DeleteLogStream: ['delete a log stream[ of {log group}]', 'logs deleted'],
  LeaveOrganization: ['take the account out of its organization', 'the organization left'],
  // Users, roles and their rights
  CreateAccessKey: ['make {access key} for {user}', 'an access key made'],
  UpdateAccessKey: ['change {access key}[ of {user}]', 'an access key changed'],
  DeleteAccessKey: ['delete {access key}[ of {user}]'],
  CreateLoginProfile: ['give {user} a console password', 'a console password given'],
  UpdateLoginProfile: ['set the console password of {user}', 'a console password set'],
  CreateUser: ['create {user}', 'a user created'],
  CreateRole: ['create {role}', 'a role created'],
  AttachUserPolicy: ['attach {policy} to {user}', 'a policy attached'],
  AttachRolePolicy: ['attach {policy} to {role}', 'a policy attached'],
  AttachGroupPolicy: ['attach {policy} to {group}', 'a policy attached', 'vague'],
  PutUserPolicy: ['write a policy into {user}', 'a policy written', 'vague'],
  PutRolePolicy: ['write a policy into {role}', 'a policy written', 'vague'],
  PutGroupPolicy: ['write a policy into {group}', 'a policy written', 'vague'],
  CreatePolicy: ['create {policy}', 'a policy written', 'vague'],
  CreatePolicyVersion: ['write a new version of {policy}', 'a policy rewritten', 'vague'],
  SetDefaultPolicyVersion: ['put another version of {policy} in force', 'a policy changed', 'vague'],
  AddUserToGroup: ['add {user} to {group}', 'a user added to a group'],
  UpdateAssumeRolePolicy: ['change who may assume {role}', 'the trust of a role changed', 'vague'],
  DeleteUserPermissionsBoundary: ['take the permissions boundary from {user}', 'a permissions boundary removed'],
  DeleteRolePermissionsBoundary: ['take the permissions boundary from {role}', 'a permissions boundary removed'],
  DeactivateMFADevice: ['switch MFA off for {user}', 'MFA switched off'],
  CreateSAMLProvider: ['add {SAML provider}', 'an identity provider added'],
  UpdateSAMLProvider: ['replace the metadata of {SAML provider}', 'an identity provider changed'],
  CreateOpenIDConnectProvider: ['add {OIDC provider}', 'an identity provider added'],
  UpdateOpenIDConnectProviderThumbprint: ['change the certificate of {OIDC provider}', 'an identity provider changed'],
  AddClientIDToOpenIDConnectProvider: ['let another client in by {OIDC provider}', 'an identity provider changed'],
  EnableExternalIdPConfigurationForDirectory: [
    'connect Identity Center to another identity provider',
    'the identity provider of Identity Center changed',
  ],
  EnableOutboundWebIdentityFederation: ['let the account issue tokens for other clouds', 'outbound federation enabled'],
  GetWebIdentityToken: ['get a token of the account for another cloud', 'a token for another cloud'],
  CreateAccountAssignment: ['assign a permission set of Identity Center', 'a permission set assigned', 'vague'],
  AttachManagedPolicyToPermissionSet: ['attach {policy} to a permission set', 'a permission set widened'],
  PutInlinePolicyToPermissionSet: ['write a policy into a permission set', 'a permission set widened', 'vague'],
  // Asking around
  GetCallerIdentity: ['ask whose credential this is'],
  GetAccountAuthorizationDetails: ['read all users, roles and policies of the account', 'all users and policies read'],
  ListUsers: ['list the users of the account'],
  ListRoles: ['list the roles of the account'],
  ListBuckets: ['list all buckets'],
  ListSecrets: ['list all secrets'],
  // Secrets
  GetSecretValue: ['read {secret}', 'secrets read'],
  BatchGetSecretValue: ['read many secrets at once', 'secrets read'],
  GetParameter: ['read {parameter}', 'parameters read'],
  GetParameters: ['read {parameter}', 'parameters read'],
  GetParametersByPath: ['read parameters by their path', 'parameters read'],
  GetPasswordData: ['read the administrator password of {instance}', 'an administrator password read'],
  // Data
  ModifySnapshotAttribute: ['change with whom {snapshot} is shared', 'snapshots shared', 'vague'],
  ModifyDBSnapshotAttribute: ['change with whom {database snapshot} is shared', 'snapshots shared', 'vague'],
  ModifyDBClusterSnapshotAttribute: ['change with whom {database snapshot} is shared', 'snapshots shared', 'vague'],
  ModifyImageAttribute: ['change with whom {machine image} is shared', 'machine images shared', 'vague'],
  CreateSnapshot: ['make a snapshot[ of {volume}]', 'snapshots made'],
  CreateDBSnapshot: ['make {database snapshot}', 'snapshots made'],
  CopySnapshot: ['copy {snapshot}', 'snapshots copied'],
  StartExportTask: ['export {database snapshot}', 'a database exported'],
  DeleteSnapshot: ['delete {snapshot}', 'snapshots deleted'],
  DeleteDBSnapshot: ['delete {database snapshot}', 'snapshots deleted'],
  DeleteDBInstance: ['delete {database}', 'databases deleted'],
  DeleteDBCluster: ['delete {database cluster}', 'databases deleted'],
  DeleteVolume: ['delete {volume}', 'volumes deleted'],
  DeregisterImage: ['delete {machine image}', 'machine images deleted'],
  DeleteBackupVault: ['delete a backup vault', 'backups deleted'],
  DeleteRecoveryPoint: ['delete backups', 'backups deleted'],
  DeleteBackupPlan: ['delete a backup plan', 'backups stopped'],
  PutBucketPolicy: ['change the policy of {bucket}', 'a bucket policy changed', 'vague'],
  DeleteBucketPolicy: ['delete the policy of {bucket}'],
  PutBucketAcl: ['change the access list of {bucket}', 'a bucket opened', 'vague'],
  PutBucketPublicAccessBlock: ['change the public access block of {bucket}', 'a public access block changed', 'vague'],
  DeleteBucketPublicAccessBlock: ['remove the public access block of {bucket}', 'a public access block removed'],
  PutAccountPublicAccessBlock: [
    'change the public access block of the account',
    'a public access block changed',
    'vague',
  ],
  DeleteAccountPublicAccessBlock: ['remove the public access block of the account', 'a public access block removed'],
  PutBucketReplication: ['have {bucket} copied elsewhere', 'a bucket copied elsewhere'],
  PutBucketVersioning: ['change the versioning of {bucket}', 'the versioning of a bucket changed', 'vague'],
  PutBucketLifecycle: ['set when objects of {bucket} are deleted', 'deletion of objects set', 'vague'],
  DeleteBucket: ['delete {bucket}', 'buckets deleted'],
  GetObject: ['read objects[ of {bucket}][: {object}]', 'objects read'],
  PutObject: ['write objects[ of {bucket}][: {object}]', 'objects written'],
  CopyObject: ['copy objects[ of {bucket}][: {object}]', 'objects copied'],
  DeleteObject: ['delete objects[ of {bucket}][: {object}]', 'objects deleted'],
  DeleteObjects: ['delete objects[ of {bucket}][: {object}]', 'objects deleted'],
  ScheduleKeyDeletion: ['schedule {KMS key} for deletion', 'encryption keys deleted'],
  DisableKey: ['disable {KMS key}', 'encryption keys disabled'],
  PutKeyPolicy: ['change who may use {KMS key}', 'the policy of an encryption key changed', 'vague'],
  // Machines and networks
  RunInstances: ['start new instances', 'instances started'],
  TerminateInstances: ['terminate {instance}', 'instances terminated'],
  StopInstances: ['stop {instance}', 'instances stopped'],
  ModifyInstanceAttribute: ['change {instance}', 'an instance changed', 'vague'],
  SendCommand: ['run a command on {instance}', 'a command run on instances'],
  StartSession: ['open a session on {instance}', 'a session on an instance'],
  ResumeSession: ['resume a session on {instance}', 'a session on an instance'],
  SendSSHPublicKey: ['push an SSH key to {instance}', 'an SSH key pushed to an instance'],
  SendSerialConsoleSSHPublicKey: ['open the serial console of {instance}', 'a serial console opened'],
  CreateKeyPair: ['make {key pair}', 'a key pair made'],
  ImportKeyPair: ['import {key pair}', 'a key pair imported'],
  AuthorizeSecurityGroupIngress: ['let more traffic in through {security group}', 'a security group opened', 'vague'],
  RevokeSecurityGroupIngress: ['let less traffic in through {security group}'],
  CreateFunction20150331: ['create {function}', 'a function created'],
  UpdateFunctionCode20150331v2: ['replace the code of {function}', 'the code of a function replaced'],
  UpdateFunctionConfiguration20150331v2: ['change {function}', 'a function changed'],
  AddPermission20150331v2: ['let others call {function}', 'a function opened', 'vague'],
});

/**
 * How a call of AWS is told.
 * @param operation its name, as CloudTrail writes it
 * @param things that were acted upon; a call about users or roles that names none is about the caller's own
 */
export function awsPhrase(operation: string, service: string | undefined, things: readonly Thing[]): Phrase {
  const own: Thing[] =
    service === 'iam.amazonaws.com' ? OWN.filter(({ noun }) => !things.some((thing) => thing.noun === noun)) : [];
  const of = service === undefined ? '' : ` of ${quoted(service.replace(/\.amazonaws\.com(?:\.cn)?$/, ''))}`;
  return PHRASES.of(operation, [...things, ...own]) ?? { does: `call ${quoted(operation)}${of}${onThings(things)}` };
}

const OWN: readonly Thing[] = ['user', 'role'].map((noun) => ({ key: `own ${noun}`, noun, own: true }));
