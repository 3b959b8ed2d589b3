import type { EventRule, Json, JsonObject, RuleTools } from '../../pipeline/detection/event-rule.ts';

/** Ports by which machines are administered or data is read. */
const PORTS: readonly number[] = [
  22, 23, 135, 139, 445, 1433, 1521, 2375, 2379, 3306, 3389, 5432, 5900, 5985, 5986, 6379, 6443, 9200, 10250, 11211,
  27017,
];

/** Every address, or one of the two halves of all. */
const EVERYBODY = /\/[01]$/;

/** Protocols that have such ports; -1 is all protocols, which takes in all ports. */
const PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'udp', '6', '17']);

/** The single value at a path, as text. */
function text(of: Json, path: string, { values }: RuleTools): string | undefined {
  const [value] = values(of, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Whether the ports of a rule take in one of those above. A range that is not named takes in all. */
function opensPort(rule: Json, tools: RuleTools): boolean {
  const protocol = text(rule, 'ipProtocol', tools)?.toLowerCase() ?? '-1';
  const first = Number(text(rule, 'fromPort', tools) ?? -1);
  if (protocol === '-1' || (first === -1 && PROTOCOLS.has(protocol))) return true;
  const last = Number(text(rule, 'toPort', tools) ?? first);
  return PROTOCOLS.has(protocol) && PORTS.some((port) => first <= port && port <= last);
}

/** The rules that were made, as the answer has them; where it names none, as they were asked for. */
function rulesOf(record: Readonly<JsonObject>, { values }: RuleTools): readonly Json[] {
  const made = values(record, 'responseElements.securityGroupRuleSet.items');
  if (made.length > 0) return made;
  return [...values(record, 'requestParameters.ipPermissions.items'), ...values(record, 'requestParameters')];
}

const ADDRESSES = ['cidrIpv4', 'cidrIpv6', 'cidrIp', 'ipRanges.items.cidrIp', 'ipv6Ranges.items.cidrIpv6'];

/** One rule must say both: that it lets everybody in, and to such a port. */
function opens(rule: Json, tools: RuleTools): boolean {
  const addresses = ADDRESSES.flatMap((path) => tools.values(rule, path));
  return addresses.some((range) => typeof range === 'string' && EVERYBODY.test(range)) && opensPort(rule, tools);
}

export default {
  title: 'Security group opened to the internet on a port for administration or data',
  id: '25ea66e6-0f6a-4c8e-b0ea-b44c9af16e5a',
  status: 'test',
  description:
    'A rule was added that lets every address in to a port by which machines are administered or databases are read, by ' +
    'itself or within a range, or to all ports. The attacker gains a direct way to the machine. Ports of web servers are left out.',
  author: 'Crosstrail',
  date: '2026-11-20',
  modified: '2026-11-21',
  references: ['https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html'],
  tags: ['attack.defense-impairment', 'attack.t1686.001'],
  falsepositives: [
    'A test that is open for an hour; close it and use Session Manager.',
    'A bastion host that is meant to be reached from everywhere, where there still is one.',
  ],
  level: 'medium',
  decision: 'warn',
  owner: 'platform',
  group: ['principal', 'requestParameters.groupId'],
  window: '1d',
  logsource: { product: 'aws', service: 'cloudtrail' },
  classes: [6003],
  matches({ ocsf }, record, tools) {
    if (ocsf.api.operation !== 'AuthorizeSecurityGroupIngress' || ocsf.status_id !== 1) return false;
    return rulesOf(record, tools).some((rule) => opens(rule, tools));
  },
} satisfies EventRule<6003>;
