import { arrayOf, textOf, type Json, type JsonObject } from '../../../../platform/json.ts';
import { propertiesIn } from '../json-lists.ts';
import { isEverybody, portsText } from '../open-to-internet.ts';

/**
 * What a network security group lets every address in to (`22, 443`), or undefined where it lets in only some or nobody. Rules count by priority: what
 * one before keeps everybody out of, none after it opens. ICMP leads to no service.
 * https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
 */
export function openPorts(securityRules: Json | undefined): string | undefined {
  const rules = propertiesIn(securityRules)
    .filter(({ direction }) => lower(direction) === 'inbound')
    .sort((one, other) => priorityOf(one) - priorityOf(other));
  const open: string[] = [];
  const shut: Shut[] = [];
  for (const rule of rules) {
    const protocol = lower(rule['protocol']) || '*';
    const ports = values(rule, 'destinationPortRange', 'destinationPortRanges');
    if (lower(rule['access']) !== 'allow') {
      if (isForAll(rule)) shut.push(...ports.map((port) => ({ protocol, ports: rangeOf(port) })));
    } else if (protocol !== 'icmp' && values(rule, 'sourceAddressPrefix', 'sourceAddressPrefixes').some(isEverybody)) {
      const left = ports.filter((port) => !shut.some((one) => holds(one, protocol, rangeOf(port))));
      open.push(...left.map((port) => (port === '*' ? 'all ports' : port)));
    }
  }
  return portsText(open);
}

type Range = readonly [first: number, last: number];

/** Ports of a protocol that a rule keeps everybody out of. */
interface Shut {
  readonly protocol: string;
  readonly ports: Range;
}

const holds = ({ protocol, ports }: Shut, asked: string, [first, last]: Range): boolean =>
  (protocol === '*' || protocol === asked) && ports[0] <= first && last <= ports[1];

/** `22`, `20-25` or `*`. */
function rangeOf(ports: string): Range {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports) ?? [];
  return first === undefined ? [0, 65_535] : [Number(first), Number(last)];
}

/** All addresses, not one of the two halves of them. */
const ALL = /^(?:\*|any|internet|0\.0\.0\.0\/0)$/i;

/** Whether a rule is for everybody, from whichever port, and for all that is guarded. */
function isForAll(rule: JsonObject): boolean {
  const from = values(rule, 'sourceAddressPrefix', 'sourceAddressPrefixes').some((prefix) => ALL.test(prefix));
  const to = values(rule, 'destinationAddressPrefix', 'destinationAddressPrefixes');
  const some = [rule['sourceApplicationSecurityGroups'], rule['destinationApplicationSecurityGroups']];
  return (
    from &&
    (to.length === 0 || to.some((prefix) => ALL.test(prefix) || prefix.toLowerCase() === 'virtualnetwork')) &&
    values(rule, 'sourcePortRange', 'sourcePortRanges').every((port) => port === '*') &&
    some.every((groups) => (arrayOf(groups) ?? []).length === 0)
  );
}

const lower = (value: Json | undefined): string => textOf(value)?.toLowerCase() ?? '';
const priorityOf = ({ priority }: JsonObject): number => (typeof priority === 'number' ? priority : 65_500);

function values(rule: JsonObject, one: string, several: string): readonly string[] {
  const list = arrayOf(rule[several]) ?? [];
  // Of the two, the one that is not used may be empty.
  return [rule[one], ...list].flatMap((value) => textOf(value) || []);
}
