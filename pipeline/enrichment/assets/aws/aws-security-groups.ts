import { arrayOf, textOf, type Json, type JsonObject } from '../../../../platform/json.ts';
import { objectsIn, textsIn } from '../json-lists.ts';
import { isEverybody } from '../open-to-internet.ts';

const MOST_SHOWN = 3;

/** What the inbound rules of a security group let every address in to (`22, 443`), or undefined where they let in only some or nobody. */
export function openPorts(ipPermissions: Json | undefined): string | undefined {
  const ports = objectsIn(ipPermissions).filter(isOpen).map(portsOf);
  if (ports.length === 0) return undefined;
  const more = ports.length > MOST_SHOWN ? ` and ${ports.length - MOST_SHOWN} more` : '';
  return `${ports.slice(0, MOST_SHOWN).join(', ')}${more}`;
}

function isOpen({ ipRanges, ipv4Ranges, ipv6Ranges }: JsonObject): boolean {
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
