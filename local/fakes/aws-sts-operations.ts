import { objectOf, parseJson, textOf, type JsonObject } from '../../platform/json.ts';
import { need, type IamCall, type IamOperation } from './aws-iam-operations.ts';
import type { IamRole } from './aws-iam-state.ts';
import type { StsSession } from './aws-iam.ts';
import { AwsFault, type XmlValue } from './aws-query.ts';

const credentials = ({ accessKeyId, role, name, expires }: StsSession, account: string): Record<string, XmlValue> => ({
  Credentials: {
    AccessKeyId: accessKeyId,
    SecretAccessKey: 'made up',
    SessionToken: `token of ${accessKeyId}`,
    Expiration: new Date(expires).toISOString(),
  },
  AssumedRoleUser: {
    Arn: `arn:aws:sts::${account}:assumed-role/${role.split('/').at(-1) ?? ''}/${name}`,
    AssumedRoleId: `${accessKeyId}:${name}`,
  },
});

const secondsIn = ({ parameters }: IamCall): number => Number(parameters.get('DurationSeconds') ?? 3600);

function roleIn(call: IamCall): IamRole {
  const arn = need(call, 'RoleArn');
  const role = call.seen.roles.find((each) => each.arn === arn);
  if (role === undefined) throw refused('sts:AssumeRole', arn);
  return role;
}

const refused = (action: string, arn: string): AwsFault =>
  new AwsFault('AccessDenied', 403, `Not authorized to perform ${action} on resource: ${arn}`);

/** Tokens are believed by what they say: nothing here is signed. `local`, the made-up token of loopback endpoints, is anybody's. */
function byToken(call: IamCall): XmlValue {
  const token = need(call, 'WebIdentityToken');
  const role = call.seen.roles.find(({ arn }) => arn === need(call, 'RoleArn'));
  if (token !== 'local') {
    const { iss, aud, sub, exp } = claimsOf(token);
    const known = call.seen.roles.flatMap(({ trusts }) => (trusts === undefined ? [] : [trusts]));
    if (!known.some(({ issuer }) => issuer === iss)) {
      throw new AwsFault(
        'InvalidIdentityToken',
        400,
        `No OpenIDConnect provider found in your account for ${textOf(iss) ?? ''}`,
      );
    }
    if (!known.some(({ audience }) => audience === aud)) {
      throw new AwsFault('InvalidIdentityToken', 400, 'Incorrect token audience');
    }
    if (typeof exp === 'number' && exp * 1000 <= call.now)
      throw new AwsFault('ExpiredTokenException', 400, 'Token expired');
    const trusts = role?.trusts;
    if (trusts?.subject !== sub || trusts?.audience !== aud || trusts?.issuer !== iss) {
      throw new AwsFault('AccessDenied', 403, 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
    }
  }
  if (role === undefined)
    throw new AwsFault('AccessDenied', 403, 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  return credentials(call.begin(role.arn, need(call, 'RoleSessionName'), secondsIn(call)), call.account);
}

function claimsOf(token: string): JsonObject {
  try {
    return objectOf(parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())) ?? {};
  } catch {
    throw new AwsFault('InvalidIdentityToken', 400, 'The ID Token provided is not a valid JWT');
  }
}

/** By name, as the parameter `Action` has it. */
export const STS_OPERATIONS: Readonly<Record<string, IamOperation>> = {
  AssumeRoleWithWebIdentity: byToken,
  AssumeRole: (call) =>
    credentials(call.begin(roleIn(call).arn, need(call, 'RoleSessionName'), secondsIn(call)), call.account),
  GetCallerIdentity: ({ account, caller, signer }) => ({ Arn: caller, UserId: signer ?? '', Account: account }),
  GetAccessKeyInfo: ({ account }) => ({ Account: account }),
};
