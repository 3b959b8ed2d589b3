import { arrayOf, textOf, type Json, type JsonObject } from '../../../../platform/json.ts';
import { propertiesIn } from '../json-lists.ts';
import { isEverybody, portsText } from '../open-to-internet.ts';

/**
 * What a network security group lets every address in to (`22, 443`), or undefined where it lets in only some or nobody. Rules count by priority; one
 * that keeps everybody out of everything ends what comes after it, as Azure's default rules do at the end.
 * https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
 */
export function openPorts(securityRules: Json | undefined): string | undefined {
  const rules = propertiesIn(securityRules)
    .filter(({ direction }) => lower(direction) === 'inbound')
    .sort((one, other) => priorityOf(one) - priorityOf(other));
  const ports: string[] = [];
  for (const rule of rules) {
    const everybody = values(rule, 'sourceAddressPrefix', 'sourceAddressPrefixes').some(isEverybody);
    if (!everybody) continue;
    const asked = values(rule, 'destinationPortRange', 'destinationPortRanges');
    if (lower(rule['access']) === 'allow') ports.push(...asked.map((port) => (port === '*' ? 'all ports' : port)));
    else if (asked.includes('*') && ['*', ''].includes(lower(rule['protocol']))) break;
  }
  return portsText(ports);
}

const lower = (value: Json | undefined): string => textOf(value)?.toLowerCase() ?? '';
const priorityOf = ({ priority }: JsonObject): number => (typeof priority === 'number' ? priority : 65_500);

function values(rule: JsonObject, one: string, several: string): readonly string[] {
  const list = arrayOf(rule[several]) ?? [];
  return [rule[one], ...list].flatMap((value) => textOf(value) ?? []);
}
