import { objectOf, textOf, type Json, type JsonObject } from '../../../../platform/json.ts';
import { canonicalAddress } from '../../../../platform/ip-address.ts';
import type { Exposure } from '../../../timeline/asset.ts';
import { armKey, ipKey } from '../../../timeline/entity-keys.ts';
import { lastNameOf } from '../asset-key.ts';
import { propertiesIn, textsIn } from '../json-lists.ts';
import { openPorts } from './security-groups.ts';

/** Where a thing can be reached from, and what stands before it. */
export interface Reach {
  readonly exposure: Exposure;
  readonly exposedBy: string;
  readonly behind: readonly string[];
}

interface PublicAddress {
  readonly address: string | undefined;
  /** Basic addresses let everything in that no security group keeps out; others nothing that none lets in. */
  readonly isBasic: boolean;
}

interface Interface {
  readonly addresses: readonly string[];
  readonly guards: readonly string[];
  readonly balancers: readonly string[];
  /** Whether each instance is given a public address of its own. */
  readonly given: boolean;
}

/** Addresses, security groups and load balancers of what Resource Graph found, by key. */
export class AzureNetwork {
  readonly #addresses = new Map<string, PublicAddress>();
  /** What a security group lets everybody in to; undefined where nothing. */
  readonly #guards = new Map<string, string | undefined>();
  readonly #guardOfSubnet = new Map<string, string>();
  readonly #frontends = new Map<string, readonly string[]>();
  readonly #interfaces = new Map<string, Interface>();

  /** @param rows of public addresses, security groups, load balancers and network interfaces, among others */
  constructor(rows: readonly JsonObject[]) {
    for (const row of rows) this.#learn(row);
    for (const row of rows)
      if (row['type'] === 'microsoft.network/networkinterfaces')
        this.#interfaces.set(keyOf(row), this.#interfaceOf(row));
  }

  #learn(row: JsonObject): void {
    const key = keyOf(row);
    switch (textOf(row['type']) ?? '') {
      case 'microsoft.network/publicipaddresses':
        this.#addresses.set(key, {
          address: canonicalAddress(textOf(row['ipAddress']) ?? ''),
          isBasic: textOf(row['sku'])?.toLowerCase() !== 'standard',
        });
        break;
      case 'microsoft.network/networksecuritygroups':
        this.#guards.set(key, openPorts(row['securityRules']));
        for (const subnet of textsIn(row['subnets'], 'id')) this.#guardOfSubnet.set(armKey(subnet), key);
        break;
      case 'microsoft.network/loadbalancers':
      case 'microsoft.network/applicationgateways':
        this.#frontends.set(key, publicAddressesIn(row['frontends']));
    }
  }

  /** @param interfaceRow a network interface, or the properties of one that instances of a scale set are made with */
  #interfaceOf({ securityGroup, ipConfigurations }: JsonObject): Interface {
    const configurations = propertiesIn(ipConfigurations);
    const own = textOf(securityGroup);
    const subnets = configurations.flatMap(({ subnet }) => textOf(objectOf(subnet)?.['id']) ?? []);
    const ofSubnets = subnets.flatMap((subnet) => this.#guardOfSubnet.get(armKey(subnet)) ?? []);
    const pools = configurations.flatMap((properties) => POOLS.flatMap((name) => textsIn(properties[name], 'id')));
    return {
      addresses: publicAddressesIn(ipConfigurations),
      guards: [...new Set([...(own === undefined ? [] : [armKey(own)]), ...ofSubnets])],
      balancers: [...new Set(pools.map(balancerOf))],
      given: configurations.some(
        ({ publicIPAddressConfiguration }) => objectOf(publicIPAddressConfiguration) !== undefined,
      ),
    };
  }

  /** Of a machine, by the ids of its network interfaces. */
  reachOfMachine(networkInterfaces: Json | undefined): Reach {
    const keys = textsIn(networkInterfaces, 'id').map(armKey);
    return this.#joined(
      keys,
      keys.flatMap((key) => this.#interfaces.get(key) ?? []),
    );
  }

  /** Of a scale set, by what the interfaces of its instances are made with. */
  reachOfScaleSet(interfaces: Json | undefined): Reach {
    const made = propertiesIn(interfaces);
    const each = made.map(({ networkSecurityGroup, ipConfigurations }) =>
      this.#interfaceOf({ securityGroup: objectOf(networkSecurityGroup)?.['id'], ipConfigurations }),
    );
    return this.#joined([], each);
  }

  /** Of a network resource itself: what it lets in, or which address it has; undefined where it has no say in it. */
  reachOfNetwork(key: string): Reach | undefined {
    const frontends = this.#frontends.get(key);
    if (frontends !== undefined) {
      const behind = this.#withAddresses(frontends);
      if (frontends.length === 0) return { exposure: 'internal', exposedBy: 'it has no public address', behind };
      return { exposure: 'internet', exposedBy: this.#addressText(frontends), behind };
    }
    if (!this.#guards.has(key)) return undefined;
    const ports = this.#guards.get(key);
    if (ports === undefined) return { exposure: 'internal', exposedBy: 'it does not let every address in', behind: [] };
    return { exposure: 'internet', exposedBy: `it lets every address in to ${ports}`, behind: [] };
  }

  #joined(keys: readonly string[], interfaces: readonly Interface[]): Reach {
    const balancers = interfaces.flatMap((each) => each.balancers);
    const addresses = interfaces.flatMap((each) => [...each.addresses, ...this.#behindBalancers(each)]);
    const guards = interfaces.flatMap((each) => each.guards);
    const behind = [...new Set([...keys, ...guards, ...balancers, ...this.#withAddresses(addresses)])];
    const open = interfaces.map((each) => this.#openingOf(each)).find((each) => each !== undefined);
    if (open !== undefined) return { exposure: 'internet', exposedBy: open, behind };
    const given = addresses.length > 0 || interfaces.some((each) => each.given);
    const exposedBy = given
      ? `${this.#addressText(addresses)}, but no security group lets every address in`
      : 'it has no public address';
    return { exposure: 'internal', exposedBy, behind };
  }

  #behindBalancers({ balancers }: Interface): readonly string[] {
    return balancers.flatMap((balancer) => this.#frontends.get(balancer) ?? []);
  }

  /** How an interface can be reached from everywhere: by a public address, where each security group before it lets everybody in. */
  #openingOf(one: Interface): string | undefined {
    const addresses = [...one.addresses, ...this.#behindBalancers(one)];
    if (addresses.length === 0 && !one.given) return undefined;
    const [guard] = one.guards;
    if (guard === undefined) {
      const basic = addresses.filter((address) => this.#addresses.get(address)?.isBasic === true);
      return basic.length === 0 ? undefined : `${this.#addressText(basic)}, and no security group guards it`;
    }
    if (!one.guards.every((each) => this.#guards.get(each) !== undefined)) return undefined;
    return `${this.#addressText(addresses)}, and ${lastNameOf(guard)} lets every address in to ${this.#guards.get(guard) ?? ''}`;
  }

  #addressText([first]: readonly string[]): string {
    if (first === undefined) return 'public addresses of its instances';
    return `public address ${this.#addresses.get(first)?.address ?? lastNameOf(first)}`;
  }

  /** Public addresses by their resources, and the addresses themselves. */
  #withAddresses(keys: readonly string[]): readonly string[] {
    return keys.flatMap((key) => {
      const address = this.#addresses.get(key)?.address;
      return address === undefined ? [key] : [key, ipKey(address)];
    });
  }
}

const POOLS = [
  'loadBalancerBackendAddressPools',
  'loadBalancerInboundNatRules',
  'applicationGatewayBackendAddressPools',
];

/** The key of the load balancer that a pool or rule is a part of. */
const balancerOf = (id: string): string => armKey(id.split('/').slice(0, -2).join('/'));

const keyOf = (row: JsonObject): string => armKey(textOf(row['id']) ?? '');

/** Keys of the public addresses that configurations of interfaces or frontends name. */
const publicAddressesIn = (configurations: Json | undefined): readonly string[] =>
  propertiesIn(configurations).flatMap(({ publicIPAddress }) => {
    const id = textOf(objectOf(publicIPAddress)?.['id']);
    return id === undefined ? [] : [armKey(id)];
  });
