import type * as Sdk from '@aws-sdk/client-iam';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';
import { ask, orAbsent } from './ask.ts';
import type { IamPrincipal } from './iam-principal.ts';
import { awsSession, type AwsSession } from './session.ts';

export interface AccessKey {
  readonly id: string;
  /** `Active`, `Inactive` or `Expired`. */
  readonly status: string;
  /** As ISO 8601; empty where unknown. */
  readonly created: string;
}

export interface ManagedPolicy {
  readonly arn: string;
  readonly name: string;
}

interface Page {
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/** No account has more of anything that is listed here; a service that pages for ever is not followed. */
const MOST_PAGES = 100;

/** IAM of one account, as far as responses need it. The SDK is loaded when it is first used. */
export class Iam {
  readonly #sdk: typeof Sdk;
  readonly #client: Sdk.IAMClient;
  readonly #context: ActionContext;

  constructor(sdk: typeof Sdk, client: Sdk.IAMClient, context: ActionContext) {
    this.#sdk = sdk;
    this.#client = client;
    this.#context = context;
  }

  /** The ARN of a user or role as IAM has it, and its unique id (`AIDA…`, `AROA…`), which a later one of the same name does not have. */
  async find({ kind, name }: IamPrincipal): Promise<{ readonly arn: string; readonly id: string } | undefined> {
    if (kind === 'user') {
      const found = await this.#ifThere('iam:GetUser', name, (to) =>
        this.#client.send(new this.#sdk.GetUserCommand({ UserName: name }), to),
      );
      return found?.User && { arn: found.User.Arn ?? '', id: found.User.UserId ?? '' };
    }
    const found = await this.#ifThere('iam:GetRole', name, (to) =>
      this.#client.send(new this.#sdk.GetRoleCommand({ RoleName: name }), to),
    );
    return found?.Role && { arn: found.Role.Arn ?? '', id: found.Role.RoleId ?? '' };
  }

  /** The name of the user that an access key belongs to. */
  async userOf(key: string): Promise<string | undefined> {
    const found = await this.#ifThere('iam:GetAccessKeyLastUsed', key, (to) =>
      this.#client.send(new this.#sdk.GetAccessKeyLastUsedCommand({ AccessKeyId: key }), to),
    );
    return found?.UserName;
  }

  /** @throws ActionError of kind `absent` where there is no such user */
  async keys(user: string): Promise<readonly AccessKey[]> {
    const found = await this.#all(
      'iam:ListAccessKeys',
      user,
      (Marker, to) => this.#client.send(new this.#sdk.ListAccessKeysCommand({ UserName: user, Marker }), to),
      ({ AccessKeyMetadata }) => AccessKeyMetadata,
    );
    return found.map(({ AccessKeyId = '', Status = '', CreateDate }) => ({
      id: AccessKeyId,
      status: Status,
      created: CreateDate?.toISOString() ?? '',
    }));
  }

  /** Undefined where there is no such user. */
  keysIfThere(user: string): Promise<readonly AccessKey[] | undefined> {
    return orAbsent(this.keys(user));
  }

  async setKey(user: string, key: string, Status: 'Active' | 'Inactive'): Promise<void> {
    await this.#ask('iam:UpdateAccessKey', `${key} of ${user}`, (to) =>
      this.#client.send(new this.#sdk.UpdateAccessKeyCommand({ UserName: user, AccessKeyId: key, Status }), to),
    );
  }

  /** When the password for the console was set, as ISO 8601; undefined where there is none. */
  async loginProfile(user: string): Promise<{ readonly created: string } | undefined> {
    const found = await this.#ifThere('iam:GetLoginProfile', user, (to) =>
      this.#client.send(new this.#sdk.GetLoginProfileCommand({ UserName: user }), to),
    );
    return found?.LoginProfile && { created: found.LoginProfile.CreateDate?.toISOString() ?? '' };
  }

  async deleteLoginProfile(user: string): Promise<void> {
    await this.#ifThere('iam:DeleteLoginProfile', user, (to) =>
      this.#client.send(new this.#sdk.DeleteLoginProfileCommand({ UserName: user }), to),
    );
  }

  async inlineNames({ kind, name }: IamPrincipal): Promise<readonly string[]> {
    if (kind === 'user') {
      return this.#all(
        'iam:ListUserPolicies',
        name,
        (Marker, to) => this.#client.send(new this.#sdk.ListUserPoliciesCommand({ UserName: name, Marker }), to),
        ({ PolicyNames }) => PolicyNames,
      );
    }
    return this.#all(
      'iam:ListRolePolicies',
      name,
      (Marker, to) => this.#client.send(new this.#sdk.ListRolePoliciesCommand({ RoleName: name, Marker }), to),
      ({ PolicyNames }) => PolicyNames,
    );
  }

  /** The document of an inline policy as it was written; undefined where there is none of that name. */
  async inline({ kind, name }: IamPrincipal, PolicyName: string): Promise<string | undefined> {
    const found =
      kind === 'user'
        ? await this.#ifThere('iam:GetUserPolicy', `${PolicyName} of ${name}`, (to) =>
            this.#client.send(new this.#sdk.GetUserPolicyCommand({ UserName: name, PolicyName }), to),
          )
        : await this.#ifThere('iam:GetRolePolicy', `${PolicyName} of ${name}`, (to) =>
            this.#client.send(new this.#sdk.GetRolePolicyCommand({ RoleName: name, PolicyName }), to),
          );
    return found && decoded(found.PolicyDocument);
  }

  async putInline({ kind, name }: IamPrincipal, PolicyName: string, PolicyDocument: string): Promise<void> {
    const what = `${PolicyName} of ${name}`;
    if (kind === 'user') {
      const input = { UserName: name, PolicyName, PolicyDocument };
      await this.#ask('iam:PutUserPolicy', what, (to) =>
        this.#client.send(new this.#sdk.PutUserPolicyCommand(input), to),
      );
      return;
    }
    const input = { RoleName: name, PolicyName, PolicyDocument };
    await this.#ask('iam:PutRolePolicy', what, (to) =>
      this.#client.send(new this.#sdk.PutRolePolicyCommand(input), to),
    );
  }

  async deleteInline({ kind, name }: IamPrincipal, PolicyName: string): Promise<void> {
    const what = `${PolicyName} of ${name}`;
    if (kind === 'user') {
      await this.#ifThere('iam:DeleteUserPolicy', what, (to) =>
        this.#client.send(new this.#sdk.DeleteUserPolicyCommand({ UserName: name, PolicyName }), to),
      );
      return;
    }
    await this.#ifThere('iam:DeleteRolePolicy', what, (to) =>
      this.#client.send(new this.#sdk.DeleteRolePolicyCommand({ RoleName: name, PolicyName }), to),
    );
  }

  async attached({ kind, name }: IamPrincipal): Promise<readonly ManagedPolicy[]> {
    const found =
      kind === 'user'
        ? await this.#all(
            'iam:ListAttachedUserPolicies',
            name,
            (Marker, to) =>
              this.#client.send(new this.#sdk.ListAttachedUserPoliciesCommand({ UserName: name, Marker }), to),
            ({ AttachedPolicies }) => AttachedPolicies,
          )
        : await this.#all(
            'iam:ListAttachedRolePolicies',
            name,
            (Marker, to) =>
              this.#client.send(new this.#sdk.ListAttachedRolePoliciesCommand({ RoleName: name, Marker }), to),
            ({ AttachedPolicies }) => AttachedPolicies,
          );
    return found.map(managed);
  }

  async attach({ kind, name }: IamPrincipal, PolicyArn: string): Promise<void> {
    const what = `${PolicyArn} to ${name}`;
    if (kind === 'user') {
      await this.#ask('iam:AttachUserPolicy', what, (to) =>
        this.#client.send(new this.#sdk.AttachUserPolicyCommand({ UserName: name, PolicyArn }), to),
      );
      return;
    }
    await this.#ask('iam:AttachRolePolicy', what, (to) =>
      this.#client.send(new this.#sdk.AttachRolePolicyCommand({ RoleName: name, PolicyArn }), to),
    );
  }

  async detach({ kind, name }: IamPrincipal, PolicyArn: string): Promise<void> {
    const what = `${PolicyArn} from ${name}`;
    if (kind === 'user') {
      await this.#ifThere('iam:DetachUserPolicy', what, (to) =>
        this.#client.send(new this.#sdk.DetachUserPolicyCommand({ UserName: name, PolicyArn }), to),
      );
      return;
    }
    await this.#ifThere('iam:DetachRolePolicy', what, (to) =>
      this.#client.send(new this.#sdk.DetachRolePolicyCommand({ RoleName: name, PolicyArn }), to),
    );
  }

  /** The groups that a user is in; IAM has no groups within groups. */
  async groups(user: string): Promise<readonly { readonly name: string; readonly arn: string }[]> {
    const found = await this.#all(
      'iam:ListGroupsForUser',
      user,
      (Marker, to) => this.#client.send(new this.#sdk.ListGroupsForUserCommand({ UserName: user, Marker }), to),
      ({ Groups }) => Groups,
    );
    return found.map(({ GroupName = '', Arn = '' }) => ({ name: GroupName, arn: Arn }));
  }

  async attachedToGroup(group: string): Promise<readonly ManagedPolicy[]> {
    const found = await this.#all(
      'iam:ListAttachedGroupPolicies',
      group,
      (Marker, to) =>
        this.#client.send(new this.#sdk.ListAttachedGroupPoliciesCommand({ GroupName: group, Marker }), to),
      ({ AttachedPolicies }) => AttachedPolicies,
    );
    return found.map(managed);
  }

  /** The documents of a group's inline policies. */
  async inlineOfGroup(group: string): Promise<readonly string[]> {
    const names = await this.#all(
      'iam:ListGroupPolicies',
      group,
      (Marker, to) => this.#client.send(new this.#sdk.ListGroupPoliciesCommand({ GroupName: group, Marker }), to),
      ({ PolicyNames }) => PolicyNames,
    );
    const documents: string[] = [];
    for (const PolicyName of names) {
      const found = await this.#ifThere('iam:GetGroupPolicy', `${PolicyName} of ${group}`, (to) =>
        this.#client.send(new this.#sdk.GetGroupPolicyCommand({ GroupName: group, PolicyName }), to),
      );
      if (found !== undefined) documents.push(decoded(found.PolicyDocument));
    }
    return documents;
  }

  /** The document of a managed policy in the version that counts; undefined where it is gone. */
  async document(PolicyArn: string): Promise<string | undefined> {
    const policy = await this.#ifThere('iam:GetPolicy', PolicyArn, (to) =>
      this.#client.send(new this.#sdk.GetPolicyCommand({ PolicyArn }), to),
    );
    const VersionId = policy?.Policy?.DefaultVersionId;
    if (VersionId === undefined) return undefined;
    const version = await this.#ifThere('iam:GetPolicyVersion', PolicyArn, (to) =>
      this.#client.send(new this.#sdk.GetPolicyVersionCommand({ PolicyArn, VersionId }), to),
    );
    return version && decoded(version.PolicyVersion?.Document);
  }

  async #all<P extends Page, T>(
    permission: string,
    what: string,
    page: (marker: string | undefined, options: { readonly abortSignal: AbortSignal }) => Promise<P>,
    items: (page: P) => readonly T[] | undefined,
  ): Promise<readonly T[]> {
    const found: T[] = [];
    let marker: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const from = marker;
      const answer = await this.#ask(permission, what, (to) => page(from, to));
      found.push(...(items(answer) ?? []));
      if (answer.IsTruncated !== true || answer.Marker === undefined) return found;
      marker = answer.Marker;
    }
    throw new ActionError('failed', `${permission} of ${what} gave more than ${MOST_PAGES} pages`);
  }

  #ask<T>(permission: string, what: string, send: (options: { readonly abortSignal: AbortSignal }) => Promise<T>) {
    return ask(this.#context, { permission, what }, send);
  }

  #ifThere<T>(permission: string, what: string, send: (options: { readonly abortSignal: AbortSignal }) => Promise<T>) {
    return orAbsent(this.#ask(permission, what, send));
  }
}

/** Of a session one client, which keeps its connections. */
const CLIENTS = new WeakMap<AwsSession, Sdk.IAMClient>();

/** IAM of an account, for one call of an action. @throws ActionError where the account is not configured, or its credentials are of another */
export async function iamOf(context: ActionContext, account: string): Promise<Iam> {
  const session = await awsSession(context, account);
  const sdk = await import('@aws-sdk/client-iam');
  const client = CLIENTS.get(session) ?? new sdk.IAMClient(session.options);
  CLIENTS.set(session, client);
  return new Iam(sdk, client, context);
}

const managed = ({ PolicyArn = '', PolicyName = '' }: Sdk.AttachedPolicy): ManagedPolicy => ({
  arn: PolicyArn,
  name: PolicyName,
});

/** IAM gives documents URL-encoded (RFC 3986). */
function decoded(document: string | undefined): string {
  try {
    return decodeURIComponent(document ?? '');
  } catch {
    return document ?? '';
  }
}
