import type { SecurityRule } from '@azure/arm-network';
import { liesWithin, parsePrefix, type IpPrefix } from '../../../platform/ip-prefix.ts';
import { nameOf, prefixOf, remoteTexts, type Denial } from './deny-rules.ts';

/** A rule that comes before a denial and allows. */
export interface Outweighing {
  readonly rule: SecurityRule;
  /** `part`: some of the addresses, or some traffic only. `perhaps`: by a service tag, of which only the service knows what it means. */
  readonly how: 'whole' | 'part' | 'perhaps';
}

/** Rules that come before a denial and allow something of what it denies. */
export function outweighing(rules: readonly SecurityRule[], denial: Denial, priority: number): Outweighing[] {
  return rules.flatMap((rule) => {
    if (rule.access !== 'Allow' || rule.direction !== denial.direction || (rule.priority ?? 0) >= priority) return [];
    const covered = coverage(rule, denial);
    if (covered === 'none') return [];
    return [{ rule, how: covered === 'whole' && !takesAllTraffic(rule, denial) ? 'part' : covered }];
  });
}

/** `allow-https (priority 100, Tcp 443)`. */
export const outweighingText = ({ rule }: Outweighing): string => {
  const ports = [rule.destinationPortRange, ...(rule.destinationPortRanges ?? [])].filter(
    (range) => range !== undefined && range !== '',
  );
  return `${nameOf(rule)} (priority ${rule.priority ?? 0}, ${nameOf({ name: `${rule.protocol ?? '*'} ${ports.slice(0, 5).join(', ')}` })})`;
};

/** How much of the addresses of a denial a rule is about. */
export function coverage(rule: SecurityRule, { direction, address }: Denial): Outweighing['how'] | 'none' {
  const prefix = prefixOf(address);
  const found = remoteTexts(rule, direction).map((text) => coverageOf(text, prefix));
  const groups =
    direction === 'Inbound' ? rule.sourceApplicationSecurityGroups : rule.destinationApplicationSecurityGroups;
  if ((groups?.length ?? 0) > 0) found.push('perhaps');
  return (['whole', 'part', 'perhaps'] as const).find((how) => found.includes(how)) ?? 'none';
}

function coverageOf(text: string, prefix: IpPrefix): Outweighing['how'] | 'none' {
  if (/^(?:\*|any|internet)$/i.test(text)) return 'whole';
  const other = parsePrefix(text);
  if (other === undefined) return 'perhaps';
  if (liesWithin(prefix, other)) return 'whole';
  return liesWithin(other, prefix) ? 'part' : 'none';
}

function takesAllTraffic(rule: SecurityRule, { direction }: Denial): boolean {
  const here = direction === 'Inbound' ? rule.destinationAddressPrefix : rule.sourceAddressPrefix;
  const everything = (text: string | undefined) => text === '*' || text === '0-65535';
  return (
    rule.protocol === '*' && here === '*' && everything(rule.sourcePortRange) && everything(rule.destinationPortRange)
  );
}
