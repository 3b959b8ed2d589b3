import { textOf, type JsonObject } from '../../../platform/json.ts';
import { armKey } from '../../timeline/entity-keys.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { mends, weakens, type Place } from '../change-of.ts';
import { lowered, membersOf, textsOf } from '../values.ts';
import { deletion, ownerBefore, request, result, split, type Operations } from './operation.ts';

/** Everybody, or one of the two halves of everybody. */
const EVERYBODY = /^(?:\*|internet|any|0\.0\.0\.0|.+\/[01])$/;
/** Ports for everybody: those of web servers. */
const WEB: readonly number[] = [80, 443];
const LAST_PORT = 65_535;

const OPENED = 'lets every address in';
const CLOSED = 'no longer lets every address in';
const RULES = 'securityrules';

/**
 * Whether one rule of a network security group says all of it: that it allows, inbound, from everybody, to another port than a web server's. ICMP has
 * no ports.
 * @param properties of the rule, their names in lower case
 */
function opens(properties: JsonObject): boolean {
  const texts = (...names: readonly string[]): readonly string[] => names.flatMap((name) => textsOf(properties[name]));
  return (
    texts('access').includes('allow') &&
    texts('direction').includes('inbound') &&
    !texts('protocol').includes('icmp') &&
    texts('sourceaddressprefix', 'sourceaddressprefixes').some((prefix) => EVERYBODY.test(prefix)) &&
    texts('destinationportrange', 'destinationportranges').some(takesInOthers)
  );
}

/** Whether ports as Azure writes them (`22`, `20-25`, `*`) take in any that is not a web server's. */
function takesInOthers(ports: string): boolean {
  const [, first = '0', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports) ?? [ports, '0', String(LAST_PORT)];
  const web = WEB.filter((port) => Number(first) <= port && port <= Number(last));
  return Number(last) - Number(first) + 1 > web.length;
}

const ruleOf = (id: string): Place => {
  const [group, part] = split(id, RULES);
  return { condition: 'network-open', resource: armKey(group), part };
};

function rule(id: string, properties: JsonObject): readonly PostureChange[] {
  if (properties['access'] === undefined) return [];
  return [opens(properties) ? weakens(ruleOf(id), OPENED) : mends(ruleOf(id), CLOSED)];
}

/** A group that is written with its rules has these, and no others any more. */
function group(id: string, properties: JsonObject): readonly PostureChange[] {
  const rules = properties[RULES];
  if (!Array.isArray(rules)) return [];
  const place: Place = { condition: 'network-open', resource: armKey(id) };
  const open = membersOf(rules).flatMap((member, at) => {
    const { name, properties: written } = lowered(member);
    if (!opens(lowered(written))) return [];
    return [weakens({ ...place, part: textOf(name)?.toLowerCase() ?? `rule ${at + 1}` }, OPENED)];
  });
  return [mends(place, CLOSED), ...open];
}

/** https://learn.microsoft.com/rest/api/virtualnetwork/security-rules/create-or-update */
export const NETWORK: Operations = {
  'microsoft.network/networksecuritygroups/securityrules/write': request(['network-open'], rule, ownerBefore(RULES)),
  'microsoft.network/networksecuritygroups/securityrules/delete': result(ruleOf, 'mends', 'is deleted'),
  'microsoft.network/networksecuritygroups/write': request(['network-open'], group),
  'microsoft.network/networksecuritygroups/delete': deletion('network-open'),
};
