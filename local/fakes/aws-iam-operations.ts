import type { IamGroup, IamRole, IamState, IamUser } from './aws-iam-state.ts';
import { AwsFault, type XmlValue } from './aws-query.ts';
import type { StsSession } from './aws-iam.ts';

/** One request to the fake IAM or STS. */
export interface IamCall {
  readonly parameters: URLSearchParams;
  readonly account: string;
  readonly signer: string | undefined;
  /** The ARN of whoever calls. */
  readonly caller: string;
  /** How it stands; to be changed by operations that write. */
  readonly state: IamState;
  /** How it stood some seconds ago: what operations that read answer from. */
  readonly seen: IamState;
  readonly now: number;
  readonly pageSize: number;
  readonly newKey: () => string;
  readonly begin: (role: string, name: string, seconds: number) => StsSession;
}

export type IamOperation = (call: IamCall) => XmlValue;

type Holder = IamUser | IamRole | IamGroup;
type Kind = 'User' | 'Role' | 'Group';

const LIMITS = { User: 2_048, Role: 10_240, Group: 5_120 } as const;
const MOST_ATTACHED = 10;

export function need({ parameters }: IamCall, name: string): string {
  const value = parameters.get(name);
  if (value === null || value === '') throw new AwsFault('ValidationError', 400, `${name} is missing`);
  return value;
}

const absent = (what: string): AwsFault => new AwsFault('NoSuchEntity', 404, `${what} cannot be found.`);

function userIn(state: IamState, name: string): IamUser {
  const user = state.users.find((each) => each.name === name);
  if (user === undefined) throw absent(`The user with name ${name}`);
  return user;
}

function holderIn(state: IamState, kind: Kind, name: string): Holder {
  if (kind === 'User') return userIn(state, name);
  const holder = (kind === 'Role' ? state.roles : state.groups).find((each) => each.name === name);
  if (holder === undefined) throw absent(`The ${kind.toLowerCase()} with name ${name}`);
  return holder;
}

/** @throws AwsFault for roles that only services and Identity Center edit */
function editable(call: IamCall, kind: Kind): Holder {
  const holder = holderIn(call.state, kind, need(call, `${kind}Name`));
  if (/:role\/(?:aws-service-role|aws-reserved)\//.test(holder.arn)) {
    throw new AwsFault(
      'UnmodifiableEntity',
      400,
      `Cannot perform the operation on the protected role '${holder.name}'`,
    );
  }
  return holder;
}

/** A page of a list: the marker is where to go on, and goes with its operation. */
function page<T>(
  { parameters, pageSize }: IamCall,
  items: readonly T[],
): { items: readonly T[]; more: Record<string, XmlValue> } {
  const prefix = `${parameters.get('Action') ?? ''}:`;
  const marker = parameters.get('Marker');
  if (marker !== null && !marker.startsWith(prefix)) throw new AwsFault('InvalidInput', 400, 'Invalid Marker');
  const from = marker === null ? 0 : Number(marker.slice(prefix.length));
  const end = from + Math.min(Number(parameters.get('MaxItems') ?? pageSize), pageSize);
  const isTruncated = end < items.length;
  return {
    items: items.slice(from, end),
    more: { IsTruncated: isTruncated, Marker: isTruncated ? `${prefix}${end}` : undefined },
  };
}

const sizeOf = (document: string): number => document.replace(/\s/g, '').length;

function putInline(call: IamCall, kind: Kind): undefined {
  const holder = editable(call, kind);
  const [name, document] = [need(call, 'PolicyName'), need(call, 'PolicyDocument')];
  try {
    JSON.parse(document);
  } catch {
    throw new AwsFault('MalformedPolicyDocument', 400, 'Syntax errors in policy.');
  }
  const others = holder.inline.filter((each) => each.name !== name);
  const size = [...others, { document }].reduce((sum, each) => sum + sizeOf(each.document), 0);
  if (size > LIMITS[kind]) {
    throw new AwsFault(
      'LimitExceeded',
      409,
      `Maximum policy size of ${LIMITS[kind]} bytes exceeded for ${kind.toLowerCase()} ${holder.name}`,
    );
  }
  holder.inline = [...others, { name, document }].sort((a, b) => (a.name < b.name ? -1 : 1));
  return undefined;
}

function getInline({ seen, ...call }: IamCall, kind: Kind): XmlValue {
  const name = call.parameters.get(`${kind}Name`) ?? '';
  const policy = call.parameters.get('PolicyName') ?? '';
  const found = holderIn(seen, kind, name).inline.find((each) => each.name === policy);
  if (found === undefined) throw absent(`The ${kind.toLowerCase()} policy with name ${policy}`);
  return { [`${kind}Name`]: name, PolicyName: policy, PolicyDocument: encodeURIComponent(found.document) };
}

function deleteInline(call: IamCall, kind: Kind): undefined {
  const holder = editable(call, kind);
  const name = need(call, 'PolicyName');
  if (!holder.inline.some((each) => each.name === name))
    throw absent(`The ${kind.toLowerCase()} policy with name ${name}`);
  holder.inline = holder.inline.filter((each) => each.name !== name);
  return undefined;
}

function listInline(call: IamCall, kind: Kind): XmlValue {
  const { items, more } = page(call, holderIn(call.seen, kind, need(call, `${kind}Name`)).inline);
  return { PolicyNames: items.map(({ name }) => name), ...more };
}

function listAttached(call: IamCall, kind: Kind): XmlValue {
  const { items, more } = page(call, holderIn(call.seen, kind, need(call, `${kind}Name`)).attached);
  const policies = items.map((arn) => ({ PolicyName: arn.split('/').at(-1) ?? '', PolicyArn: arn }));
  return { AttachedPolicies: policies, ...more };
}

function attach(call: IamCall, kind: Kind): undefined {
  const holder = editable(call, kind);
  const arn = need(call, 'PolicyArn');
  if (!arn.includes(':iam::aws:policy/') && !call.state.policies.some((each) => each.arn === arn)) {
    throw absent(`Policy ${arn}`);
  }
  if (holder.attached.includes(arn)) return undefined;
  if (holder.attached.length >= MOST_ATTACHED) {
    throw new AwsFault('LimitExceeded', 409, `Cannot exceed quota for PoliciesPer${kind}: ${MOST_ATTACHED}`);
  }
  holder.attached = [...holder.attached, arn].sort();
  return undefined;
}

function detach(call: IamCall, kind: Kind): undefined {
  const holder = editable(call, kind);
  const arn = need(call, 'PolicyArn');
  if (!holder.attached.includes(arn)) throw absent(`Policy ${arn} was not found on ${holder.name}, and it`);
  holder.attached = holder.attached.filter((each) => each !== arn);
  return undefined;
}

function updateKey(call: IamCall): undefined {
  const key = userIn(call.state, need(call, 'UserName')).keys.find(
    ({ id }) => id === call.parameters.get('AccessKeyId'),
  );
  if (key === undefined) throw absent(`The Access Key with id ${call.parameters.get('AccessKeyId') ?? ''}`);
  const status = need(call, 'Status');
  if (status !== 'Active' && status !== 'Inactive') throw new AwsFault('ValidationError', 400, 'Status');
  key.status = status;
  return undefined;
}

function createKey(call: IamCall): XmlValue {
  const user = userIn(call.state, need(call, 'UserName'));
  if (user.keys.length >= 2) throw new AwsFault('LimitExceeded', 409, 'Cannot exceed quota for AccessKeysPerUser: 2');
  const id = call.newKey();
  user.keys.push({ id, status: 'Active', created: new Date(call.now).toISOString() });
  return { AccessKey: { UserName: user.name, AccessKeyId: id, Status: 'Active', SecretAccessKey: 'made up' } };
}

/** A login profile that was just made cannot be deleted yet. */
const UNMODIFIABLE_FOR = 5_000;

function deleteLoginProfile(call: IamCall): undefined {
  const user = userIn(call.state, need(call, 'UserName'));
  if (user.loginProfile === undefined) throw absent(`Login Profile for User ${user.name}`);
  if (call.now - Date.parse(user.loginProfile.created) < UNMODIFIABLE_FOR) {
    const message = `Login Profile for User ${user.name} cannot be modified while login profile is being created.`;
    throw new AwsFault('EntityTemporarilyUnmodifiable', 409, message);
  }
  user.loginProfile = undefined;
  return undefined;
}

function createLoginProfile(call: IamCall): XmlValue {
  const user = userIn(call.state, need(call, 'UserName'));
  if (user.loginProfile !== undefined) throw new AwsFault('EntityAlreadyExists', 409);
  user.loginProfile = { created: new Date(call.now).toISOString() };
  return { LoginProfile: { UserName: user.name, CreateDate: user.loginProfile.created } };
}

function getLoginProfile(call: IamCall): XmlValue {
  const { name, loginProfile } = userIn(call.seen, need(call, 'UserName'));
  if (loginProfile === undefined) throw absent(`Login Profile for User ${name}`);
  return { LoginProfile: { UserName: name, CreateDate: loginProfile.created } };
}

function listKeys(call: IamCall): XmlValue {
  const { name, keys } = userIn(call.seen, need(call, 'UserName'));
  const { items, more } = page(call, keys);
  const metadata = items.map(({ id, status, created }) => ({
    UserName: name,
    AccessKeyId: id,
    Status: status,
    CreateDate: created,
  }));
  return { AccessKeyMetadata: metadata, ...more };
}

function keyLastUsed(call: IamCall): XmlValue {
  const id = need(call, 'AccessKeyId');
  const user = call.seen.users.find(({ keys }) => keys.some((key) => key.id === id));
  if (user === undefined) throw absent(`The Access Key with id ${id}`);
  return { UserName: user.name, AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' } };
}

function groupsOf(call: IamCall): XmlValue {
  const { groups } = userIn(call.seen, need(call, 'UserName'));
  const { items, more } = page(call, groups);
  return {
    Groups: items.map((name) => {
      const { arn, id } = holderIn(call.seen, 'Group', name);
      return { Path: '/', GroupName: name, GroupId: id, Arn: arn, CreateDate: CREATED };
    }),
    ...more,
  };
}

const CREATED = '2025-01-15T09:00:00Z';

function documentOf(call: IamCall): string {
  const arn = need(call, 'PolicyArn');
  const policy = call.seen.policies.find((each) => each.arn === arn);
  if (policy === undefined) throw absent(`Policy ${arn}`);
  return policy.document;
}

function getUser(call: IamCall): XmlValue {
  const { name, id, arn } = userIn(call.seen, need(call, 'UserName'));
  return { User: { Path: '/', UserName: name, UserId: id, Arn: arn, CreateDate: CREATED } };
}

function getRole(call: IamCall): XmlValue {
  const { name, id, arn } = holderIn(call.seen, 'Role', need(call, 'RoleName'));
  return { Role: { Path: '/', RoleName: name, RoleId: id, Arn: arn, CreateDate: CREATED, MaxSessionDuration: 3600 } };
}

/** By name, as the parameter `Action` has it. */
export const IAM_OPERATIONS: Readonly<Record<string, IamOperation>> = {
  GetUser: getUser,
  GetRole: getRole,
  ListAccessKeys: listKeys,
  GetAccessKeyLastUsed: keyLastUsed,
  UpdateAccessKey: updateKey,
  CreateAccessKey: createKey,
  GetLoginProfile: getLoginProfile,
  CreateLoginProfile: createLoginProfile,
  DeleteLoginProfile: deleteLoginProfile,
  ListGroupsForUser: groupsOf,
  GetPolicy: (call) => {
    documentOf(call);
    return { Policy: { Arn: need(call, 'PolicyArn'), DefaultVersionId: 'v2', IsAttachable: true } };
  },
  GetPolicyVersion: (call) => {
    const document = need(call, 'VersionId') === 'v2' ? documentOf(call) : '{"Version":"2012-10-17","Statement":[]}';
    return { PolicyVersion: { Document: encodeURIComponent(document), VersionId: need(call, 'VersionId') } };
  },
  ...Object.fromEntries(
    (['User', 'Role', 'Group'] as const).flatMap((kind): [string, IamOperation][] => [
      [`Put${kind}Policy`, (call) => putInline(call, kind)],
      [`Get${kind}Policy`, (call) => getInline(call, kind)],
      [`Delete${kind}Policy`, (call) => deleteInline(call, kind)],
      [`List${kind}Policies`, (call) => listInline(call, kind)],
      [`ListAttached${kind}Policies`, (call) => listAttached(call, kind)],
      [`Attach${kind}Policy`, (call) => attach(call, kind)],
      [`Detach${kind}Policy`, (call) => detach(call, kind)],
    ]),
  ),
};
