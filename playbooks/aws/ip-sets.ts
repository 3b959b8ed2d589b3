import type * as Sdk from '@aws-sdk/client-wafv2';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';
import { ask } from './ask.ts';
import { usesIn, type IpSetUse } from './ip-set-uses.ts';
import { awsSession, type AwsSession } from './session.ts';

/** An IP set of AWS WAF, as its ARN names it. */
export interface IpSetName {
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly scope: 'REGIONAL' | 'CLOUDFRONT';
  readonly name: string;
  readonly id: string;
}

export interface IpSet {
  /** In CIDR notation, as the service writes them: IPv6 in full. */
  readonly addresses: readonly string[];
  readonly version: 4 | 6;
  readonly description: string | undefined;
  /** Of this state: an update with another is refused. */
  readonly lockToken: string;
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html */
export const IP_SET_ARN =
  /^arn:aws[a-z-]{0,20}:wafv2:([a-z]{2}(?:-[a-z]+){1,3}-\d):(\d{12}):(regional|global)\/ipset\/([\w-]{1,128})\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** @throws ActionError of kind `input` where it is no ARN of an IP set */
export function ipSetName(arn: string): IpSetName {
  const [, region, account, kind, name, id] = IP_SET_ARN.exec(arn) ?? [];
  if (region === undefined || account === undefined || name === undefined || id === undefined) {
    throw new ActionError('input', 'expected the ARN of an IP set of AWS WAF');
  }
  return { arn, account, region, scope: kind === 'global' ? 'CLOUDFRONT' : 'REGIONAL', name, id };
}

const MOST_PAGES = 20;

/** IP sets of AWS WAF, and who uses them. The SDK is loaded when it is first used. */
export class IpSets {
  readonly #sdk: typeof Sdk;
  readonly #client: Sdk.WAFV2Client;
  readonly #context: ActionContext;

  constructor(sdk: typeof Sdk, client: Sdk.WAFV2Client, context: ActionContext) {
    this.#sdk = sdk;
    this.#client = client;
    this.#context = context;
  }

  /** @throws ActionError of kind `absent` where there is none */
  async read({ scope: Scope, name: Name, id: Id }: IpSetName): Promise<IpSet> {
    const { IPSet, LockToken } = await ask(this.#context, { permission: 'wafv2:GetIPSet', what: Name }, (to) =>
      this.#client.send(new this.#sdk.GetIPSetCommand({ Scope, Name, Id }), to),
    );
    if (IPSet === undefined || LockToken === undefined) throw new ActionError('absent', `there is no IP set ${Name}`);
    return {
      addresses: IPSet.Addresses ?? [],
      version: IPSet.IPAddressVersion === 'IPV6' ? 6 : 4,
      description: IPSet.Description,
      lockToken: LockToken,
    };
  }

  /** Replaces the addresses. @throws ActionError of kind `conflict` where somebody changed the set since it was read */
  async write({ scope, name, id }: IpSetName, { addresses, description, lockToken }: IpSet): Promise<void> {
    const input = {
      Scope: scope,
      Name: name,
      Id: id,
      Addresses: [...addresses],
      LockToken: lockToken,
      // One that is not sent is deleted.
      ...(description !== undefined && description !== '' && { Description: description }),
    };
    await ask(this.#context, { permission: 'wafv2:UpdateIPSet', what: name }, (to) =>
      this.#client.send(new this.#sdk.UpdateIPSetCommand(input), to),
    );
  }

  /** The rules of web ACLs and rule groups of the same scope that refer to it. */
  async uses({ scope: Scope, arn }: IpSetName): Promise<readonly IpSetUse[]> {
    const uses: IpSetUse[] = [];
    const webAcls = await this.#all('wafv2:ListWebACLs', async (NextMarker, to) => {
      const page = await this.#client.send(new this.#sdk.ListWebACLsCommand({ Scope, NextMarker }), to);
      return { next: page.NextMarker, items: page.WebACLs ?? [] };
    });
    for (const { Name, Id } of webAcls) {
      const { WebACL } = await ask(this.#context, { permission: 'wafv2:GetWebACL', what: Name ?? '' }, (to) =>
        this.#client.send(new this.#sdk.GetWebACLCommand({ Scope, Name, Id }), to),
      );
      uses.push(...usesIn(`web ACL ${Name ?? ''}`, WebACL?.Rules ?? [], arn));
    }
    const groups = await this.#all('wafv2:ListRuleGroups', async (NextMarker, to) => {
      const page = await this.#client.send(new this.#sdk.ListRuleGroupsCommand({ Scope, NextMarker }), to);
      return { next: page.NextMarker, items: page.RuleGroups ?? [] };
    });
    for (const { Name, Id } of groups) {
      const { RuleGroup } = await ask(this.#context, { permission: 'wafv2:GetRuleGroup', what: Name ?? '' }, (to) =>
        this.#client.send(new this.#sdk.GetRuleGroupCommand({ Scope, Name, Id }), to),
      );
      uses.push(...usesIn(`rule group ${Name ?? ''}`, RuleGroup?.Rules ?? [], arn));
    }
    return uses;
  }

  async #all<T>(
    permission: string,
    page: (
      marker: string | undefined,
      options: { readonly abortSignal: AbortSignal },
    ) => Promise<{ readonly next: string | undefined; readonly items: readonly T[] }>,
  ): Promise<readonly T[]> {
    const found: T[] = [];
    let marker: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const from = marker;
      const { next, items } = await ask(this.#context, { permission, what: 'the account' }, (to) => page(from, to));
      found.push(...items);
      if (next === undefined || next === '' || items.length === 0) return found;
      marker = next;
    }
    throw new ActionError('failed', `${permission} gave more than ${MOST_PAGES} pages`);
  }
}

const CLIENTS = new WeakMap<AwsSession, Map<string, Sdk.WAFV2Client>>();

/** IP sets of the account and region of one, for one call of an action. @throws ActionError */
export async function ipSetsOf(context: ActionContext, { account, region }: IpSetName): Promise<IpSets> {
  const session = await awsSession(context, account);
  const sdk = await import('@aws-sdk/client-wafv2');
  const clients = CLIENTS.get(session) ?? new Map<string, Sdk.WAFV2Client>();
  CLIENTS.set(session, clients);
  const client = clients.get(region) ?? new sdk.WAFV2Client({ ...session.options, region });
  clients.set(region, client);
  return new IpSets(sdk, client, context);
}
