import { z } from 'zod';
import { parsePrefix, type IpPrefix } from '../../platform/ip-prefix.ts';
import type { Json } from '../../platform/json.ts';

/** A rule of a network security group, as Azure Resource Manager keeps its properties. */
export type FakeRuleProperties = z.infer<typeof ruleProperties>;

export const ruleProperties = z.object({
  description: z.string().optional(),
  protocol: z.string(),
  access: z.enum(['Allow', 'Deny']),
  direction: z.enum(['Inbound', 'Outbound']),
  priority: z.int(),
  sourceAddressPrefix: z.string().optional(),
  sourceAddressPrefixes: z.array(z.string()).optional(),
  destinationAddressPrefix: z.string().optional(),
  destinationAddressPrefixes: z.array(z.string()).optional(),
  sourcePortRange: z.string().optional(),
  sourcePortRanges: z.array(z.string()).optional(),
  destinationPortRange: z.string().optional(),
  destinationPortRanges: z.array(z.string()).optional(),
});

/** As a rule of a network manager is shown. */
export type FakeAdminRule = Omit<FakeRuleProperties, 'access'> & { readonly access: 'Allow' | 'AlwaysAllow' | 'Deny' };

/** Why a rule is refused. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-resource-manager-virtual-networking-limits */
const MOST_RULES = 1000;
const MOST_PREFIXES = 4000;

/** Whether a rule can stand beside those of its group. @param others without the rule that it takes the place of */
export function refusalOf(
  name: string,
  rule: FakeRuleProperties,
  others: ReadonlyMap<string, FakeRuleProperties>,
): Refusal | undefined {
  if (!/^\w(?:[\w.-]{0,78}\w)?$/.test(name)) return refused('InvalidResourceName', `Resource name ${name} is invalid.`);
  if ((rule.description?.length ?? 0) > 140) {
    return refused('SecurityRuleDescriptionTooLong', 'Security rule description exceeds 140 characters.');
  }
  if (rule.priority < 100 || rule.priority > 4096) {
    return refused(
      'SecurityRuleInvalidPriority',
      'Security rule has an invalid priority. Valid values are 100 to 4096.',
    );
  }
  for (const [other, { priority, direction }] of others) {
    if (priority === rule.priority && direction === rule.direction) {
      return refused(
        'SecurityRuleConflict',
        `Security rule ${name} conflicts with rule ${other}. Rules cannot have the same Priority and Direction.`,
      );
    }
  }
  if (others.size >= MOST_RULES) {
    return refused('SecurityRulesCountLimitReached', `Cannot create more than ${MOST_RULES} security rules.`);
  }
  return (
    prefixRefusal(name, 'SourceAddressPrefix', rule.sourceAddressPrefix, rule.sourceAddressPrefixes) ??
    prefixRefusal(name, 'DestinationAddressPrefix', rule.destinationAddressPrefix, rule.destinationAddressPrefixes) ??
    familyRefusal(name, rule) ??
    countRefusal([rule, ...others.values()])
  );
}

function prefixRefusal(
  name: string,
  parameter: string,
  single: string | undefined,
  several: readonly string[] = [],
): Refusal | undefined {
  if ((single === undefined) === (several.length === 0)) {
    return refused(
      'SecurityRuleParameterContainsUnsupportedValue',
      `Security rule ${name} must specify either ${parameter} or its plural.`,
    );
  }
  const read = several.map((text) => ({ text, prefix: canonical(text) }));
  for (const { text, prefix } of read) {
    if (prefix === undefined) {
      return refused(
        'SecurityRuleInvalidAddressPrefix',
        `Security rule ${name} has invalid Address prefix. Value provided: ${text}`,
      );
    }
  }
  const prefixes = read.flatMap(({ prefix }) => prefix ?? []);
  for (const [at, prefix] of prefixes.entries()) {
    if (prefixes.slice(0, at).some((other) => overlaps(prefix, other))) {
      return refused(
        'OverlappingSubnetsNotPermittedInSecurityRule',
        `Security rule parameter ${parameter} for rule ${name} contains overlapping subnets.`,
      );
    }
  }
  return undefined;
}

function familyRefusal(name: string, rule: FakeRuleProperties): Refusal | undefined {
  const families = new Set(
    [...prefixesOf(rule, 'source'), ...prefixesOf(rule, 'destination')].map(({ version }) => version),
  );
  if (families.size < 2) return undefined;
  return refused(
    'ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies',
    `${name} contains IP addresses or prefixes that belong to different address families.`,
  );
}

function countRefusal(rules: readonly FakeRuleProperties[]): Refusal | undefined {
  for (const side of ['source', 'destination'] as const) {
    const count = rules.reduce((sum, rule) => sum + prefixesOf(rule, side).length, 0);
    if (count > MOST_PREFIXES) {
      return refused('SecurityGroupAddressPrefixLimitReached', `More than ${MOST_PREFIXES} ${side} address prefixes.`);
    }
  }
  return undefined;
}

const refused = (code: string, message: string): Refusal => ({ code, message });

function prefixesOf(rule: FakeRuleProperties, side: 'source' | 'destination'): IpPrefix[] {
  const [single, several] =
    side === 'source'
      ? [rule.sourceAddressPrefix, rule.sourceAddressPrefixes]
      : [rule.destinationAddressPrefix, rule.destinationAddressPrefixes];
  return [...(single === undefined ? [] : [single]), ...(several ?? [])].flatMap((text) => parsePrefix(text) ?? []);
}

/** Only networks whose other bits are 0 are taken. */
function canonical(text: string): IpPrefix | undefined {
  const prefix = parsePrefix(text);
  const address = parsePrefix(text.replace(/\/.*$/, ''));
  return prefix?.words.every((word, at) => word === address?.words[at]) === true ? prefix : undefined;
}

function overlaps(one: IpPrefix, other: IpPrefix): boolean {
  const length = Math.min(one.length, other.length);
  return (
    one.version === other.version &&
    one.words.every((word, at) => masked(word, length - at * 32) === masked(other.words[at] ?? 0, length - at * 32))
  );
}

const masked = (word: number, bits: number): number => (bits <= 0 ? 0 : bits >= 32 ? word : word & (-1 << (32 - bits)));

/** What stands in every network security group. */
export const DEFAULT_RULES: ReadonlyMap<string, FakeRuleProperties> = new Map(
  (
    [
      ['AllowVnetInBound', 'Allow', 'Inbound', 65000, 'VirtualNetwork', 'VirtualNetwork'],
      ['AllowAzureLoadBalancerInBound', 'Allow', 'Inbound', 65001, 'AzureLoadBalancer', '*'],
      ['DenyAllInBound', 'Deny', 'Inbound', 65500, '*', '*'],
      ['AllowVnetOutBound', 'Allow', 'Outbound', 65000, 'VirtualNetwork', 'VirtualNetwork'],
      ['AllowInternetOutBound', 'Allow', 'Outbound', 65001, '*', 'Internet'],
      ['DenyAllOutBound', 'Deny', 'Outbound', 65500, '*', '*'],
    ] as const
  ).map(([name, access, direction, priority, sourceAddressPrefix, destinationAddressPrefix]) => [
    name,
    {
      access,
      direction,
      priority,
      protocol: '*',
      sourceAddressPrefix,
      destinationAddressPrefix,
      sourcePortRange: '*',
      destinationPortRange: '*',
    },
  ]),
);

/** Service tags as the effective rules expand them; invented, and far smaller than the real ones. */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  Internet: ['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1'],
  VirtualNetwork: ['10.1.0.0/16', '168.63.129.16/32'],
  AzureLoadBalancer: ['168.63.129.16/32'],
  AzureCloud: ['198.51.100.0/24'],
  Storage: ['192.0.2.0/24'],
};

/** A rule as `effectiveNetworkSecurityGroups` shows it: ports as ranges, `*` as all addresses, tags expanded. */
export function effectiveRule(name: string, rule: FakeRuleProperties | FakeAdminRule): Json {
  const source = side(rule.sourceAddressPrefix, rule.sourceAddressPrefixes);
  const destination = side(rule.destinationAddressPrefix, rule.destinationAddressPrefixes);
  return {
    name,
    protocol: rule.protocol === '*' ? 'All' : rule.protocol,
    access: rule.access,
    direction: rule.direction,
    priority: rule.priority,
    sourcePortRange: portRange(rule.sourcePortRange),
    destinationPortRange: portRange(rule.destinationPortRange),
    sourceAddressPrefix: source.written[0] ?? null,
    sourceAddressPrefixes: source.written,
    expandedSourceAddressPrefix: source.expanded,
    destinationAddressPrefix: destination.written[0] ?? null,
    destinationAddressPrefixes: destination.written,
    expandedDestinationAddressPrefix: destination.expanded,
  };
}

function side(single: string | undefined, several: readonly string[] = []) {
  const written = [...(single === undefined ? [] : [single === '*' ? '0.0.0.0/0' : single]), ...several];
  const expanded = written.flatMap((text) => TAGS[text] ?? []);
  return { written, expanded: expanded.length === 0 ? null : [...expanded] };
}

const portRange = (range: string | undefined): string =>
  range === undefined || range === '*' ? '0-65535' : range.includes('-') ? range : `${range}-${range}`;
