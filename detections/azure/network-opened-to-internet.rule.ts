import type { EventRule, Json, RuleTools } from '../../pipeline/detection/event-rule.ts';

const WRITES: ReadonlySet<string> = new Set([
  'microsoft.network/networksecuritygroups/securityrules/write',
  'microsoft.network/networksecuritygroups/write',
]);

/** The row of the request; that of the result need not repeat it. One operation is one event. */
const REQUEST: ReadonlySet<string | undefined> = new Set(['Start', 'Started']);

/** Everybody, or one of the two halves of everybody. */
const EVERYBODY = /^(\*|internet|any|0\.0\.0\.0|.+\/[01])$/;

/** Ports for everybody: those of web servers. */
const WEB: readonly number[] = [80, 443];
const LAST_PORT = 65_535;

/** Azure takes the names of properties in any case. */
function lowered(value: Json): Record<string, Json | undefined> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toLowerCase(), member]));
}

/** Whether ports as Azure writes them (`22`, `20-25`, `*`) take in any that is not a web server's. */
function opensOthers(ports: string): boolean {
  const [, first = '0', last = first] = /^(\d+)(?:-(\d+))?$/.exec(ports) ?? [ports, '0', String(LAST_PORT)];
  const within = WEB.filter((port) => Number(first) <= port && port <= Number(last));
  return Number(last) - Number(first) + 1 > within.length;
}

/** One rule must say all of it: that it allows, inbound, from everybody, to another port than a web server's. ICMP has none. */
function opens(rule: Json, { values }: RuleTools): boolean {
  const properties = lowered(lowered(rule)['properties'] ?? null);
  const texts = (...names: string[]): string[] =>
    names
      .flatMap((name) => values(properties, name))
      .flatMap((value) => (typeof value === 'string' || typeof value === 'number' ? [String(value).toLowerCase()] : []))
      .filter((text) => text !== '');
  return (
    texts('access').includes('allow') &&
    texts('direction').includes('inbound') &&
    !texts('protocol').includes('icmp') &&
    texts('sourceaddressprefix', 'sourceaddressprefixes').some((prefix) => EVERYBODY.test(prefix)) &&
    texts('destinationportrange', 'destinationportranges').some(opensOthers)
  );
}

export default {
  title: 'Network security group opened to the internet',
  id: 'ffe766c7-980c-4254-a82e-c16dbc2beefb',
  status: 'test',
  description:
    'A rule was written, by itself or with its whole group, that lets every address of the internet in. The attacker gains ' +
    'a direct way to the machines behind it, most of all where the port is one for administration. Rules for web servers, ' +
    'on ports 80 and 443 alone, are left out.',
  author: 'Crosstrail',
  date: '2026-11-20',
  modified: '2026-11-21',
  references: ['https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview'],
  tags: ['attack.defense-impairment', 'attack.t1686.001'],
  falsepositives: [
    'A service that is meant for everybody on a port other than 80 and 443.',
    'A subnet without public addresses, where the rule opens nothing yet.',
    'A template that writes a group again as it was, with a rule that was open before.',
  ],
  level: 'medium',
  decision: 'warn',
  owner: 'platform',
  window: '1d',
  logsource: { product: 'azure', service: 'activitylogs' },
  classes: [6003],
  matches({ ocsf }, _record, tools) {
    const { api, status } = ocsf;
    if (!WRITES.has(api.operation.toLowerCase()) || !REQUEST.has(status)) return false;
    const body = tools.document(api.request?.data) ?? null;
    const group = lowered(lowered(body)['properties'] ?? null);
    return [body, ...tools.values(group, 'securityrules')].some((rule) => opens(rule, tools));
  },
  /** A group is told by its id, which the log writes in several ways and the event in one. */
  key: ({ principal, ocsf }) => `${principal} ${ocsf.resources?.[0]?.uid ?? ''}`,
} satisfies EventRule<6003>;
