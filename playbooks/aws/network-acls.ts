import type * as Sdk from '@aws-sdk/client-ec2';
import { liesWithin, parsePrefix, type IpPrefix } from '../../platform/ip-prefix.ts';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';
import { ask, orAbsent } from './ask.ts';
import { awsSession, type AwsSession } from './session.ts';

export type AclDirection = 'inbound' | 'outbound';

/** An entry of a network ACL. */
export interface AclEntry {
  readonly number: number;
  readonly direction: AclDirection;
  readonly action: string;
  /** `-1` is all protocols. */
  readonly protocol: string;
  /** Undefined where the service names none that can be read. */
  readonly prefix: IpPrefix | undefined;
}

export interface NetworkAcl {
  readonly entries: readonly AclEntry[];
  /** Ids of the subnets that it stands before. */
  readonly subnets: readonly string[];
}

/** Of a region and an account. */
export interface AclPlace {
  readonly account: string;
  readonly region: string;
  readonly acl: string;
}

/** Network ACLs of EC2. The SDK is loaded when it is first used. */
export class NetworkAcls {
  readonly #sdk: typeof Sdk;
  readonly #client: Sdk.EC2Client;
  readonly #context: ActionContext;

  constructor(sdk: typeof Sdk, client: Sdk.EC2Client, context: ActionContext) {
    this.#sdk = sdk;
    this.#client = client;
    this.#context = context;
  }

  /** @throws ActionError of kind `absent` where there is none */
  async read(acl: string): Promise<NetworkAcl> {
    const { NetworkAcls: found } = await ask(
      this.#context,
      { permission: 'ec2:DescribeNetworkAcls', what: acl },
      (to) => this.#client.send(new this.#sdk.DescribeNetworkAclsCommand({ NetworkAclIds: [acl] }), to),
    );
    const [first] = found ?? [];
    if (first === undefined) throw new ActionError('absent', `there is no network ACL ${acl}`);
    return {
      entries: (first.Entries ?? []).map((entry) => ({
        number: entry.RuleNumber ?? 0,
        direction: entry.Egress === true ? 'outbound' : 'inbound',
        action: entry.RuleAction ?? '',
        protocol: entry.Protocol ?? '',
        prefix: parsePrefix(entry.CidrBlock ?? entry.Ipv6CidrBlock ?? ''),
      })),
      subnets: (first.Associations ?? []).map(({ SubnetId = '' }) => SubnetId),
    };
  }

  /** Denies all from or to a network. @throws ActionError of kind `conflict` where the number is taken */
  async deny(acl: string, number: number, direction: AclDirection, address: string): Promise<void> {
    const network = address.includes(':') ? { Ipv6CidrBlock: address } : { CidrBlock: address };
    const input = {
      NetworkAclId: acl,
      RuleNumber: number,
      Egress: direction === 'outbound',
      Protocol: '-1',
      RuleAction: 'deny' as const,
      ...network,
    };
    await ask(this.#context, { permission: 'ec2:CreateNetworkAclEntry', what: `${acl}, number ${number}` }, (to) =>
      this.#client.send(new this.#sdk.CreateNetworkAclEntryCommand(input), to),
    );
  }

  async remove(acl: string, number: number, direction: AclDirection): Promise<void> {
    const input = { NetworkAclId: acl, RuleNumber: number, Egress: direction === 'outbound' };
    await orAbsent(
      ask(this.#context, { permission: 'ec2:DeleteNetworkAclEntry', what: `${acl}, number ${number}` }, (to) =>
        this.#client.send(new this.#sdk.DeleteNetworkAclEntryCommand(input), to),
      ),
    );
  }
}

/** Whether two networks have an address in common. */
export const overlap = (one: IpPrefix, other: IpPrefix): boolean => liesWithin(one, other) || liesWithin(other, one);

const CLIENTS = new WeakMap<AwsSession, Map<string, Sdk.EC2Client>>();

/** Network ACLs of an account and a region, for one call of an action. @throws ActionError */
export async function networkAclsOf(context: ActionContext, { account, region }: AclPlace): Promise<NetworkAcls> {
  const session = await awsSession(context, account);
  const sdk = await import('@aws-sdk/client-ec2');
  const clients = CLIENTS.get(session) ?? new Map<string, Sdk.EC2Client>();
  CLIENTS.set(session, clients);
  const client = clients.get(region) ?? new sdk.EC2Client({ ...session.options, region });
  clients.set(region, client);
  return new NetworkAcls(sdk, client, context);
}
