import { arrayOf, textOf, type Json, type JsonObject } from '../../../../platform/json.ts';
import { objectsIn, textsIn } from '../json-lists.ts';
import { isEverybody, portsText } from '../open-to-internet.ts';

/** ICMP of both versions, by name and number: it leads to no service. */
const ICMP: ReadonlySet<Json | undefined> = new Set(['icmp', 'icmpv6', '1', '58']);

/** What the inbound rules of a security group let every address in to (`22, 443`), or undefined where they let in only some or nobody. */
export const openPorts = (ipPermissions: Json | undefined): string | undefined =>
  portsText(objectsIn(ipPermissions).filter(isOpen).map(portsOf));

function isOpen({ ipProtocol, ipRanges, ipv4Ranges, ipv6Ranges }: JsonObject): boolean {
  if (ICMP.has(ipProtocol)) return false;
  const texts = (arrayOf(ipRanges) ?? []).flatMap((range) => textOf(range) ?? []);
  return [
    ...texts,
    ...textsIn(ipRanges, 'cidrIp'),
    ...textsIn(ipv4Ranges, 'cidrIp'),
    ...textsIn(ipv6Ranges, 'cidrIpv6'),
  ].some(isEverybody);
}

function portsOf({ ipProtocol, fromPort, toPort }: JsonObject): string {
  if (ipProtocol === '-1' || typeof fromPort !== 'number' || fromPort === -1) return 'all ports';
  return typeof toPort === 'number' && toPort !== fromPort ? `${fromPort}-${toPort}` : String(fromPort);
}
