import { z } from 'zod';
import { parsePrefix } from '../../platform/ip-prefix.ts';
import { objectOf, type Json } from '../../platform/json.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';
import {
  DEFAULT_RULES,
  effectiveRule,
  refusalOf,
  ruleProperties,
  type FakeAdminRule,
  type FakeRuleProperties,
} from './network-rules.ts';

/** What stands in the subscription before; ids are whole ARM ids. */
export interface FakeNetworkState {
  readonly securityGroups?: readonly {
    readonly id: string;
    readonly rules?: Readonly<Record<string, FakeRuleProperties>>;
    readonly flushConnection?: boolean;
    /** Network interfaces and subnets that it is on. */
    readonly networkInterfaces?: readonly string[];
    readonly subnets?: readonly string[];
    readonly tags?: Readonly<Record<string, string>>;
  }[];
  readonly networkInterfaces?: readonly {
    readonly id: string;
    /** Whether it belongs to a running virtual machine: only then are effective rules told. */
    readonly running: boolean;
    readonly subnet?: string;
    /** Rules of a network manager, by name, which come before those of groups. */
    readonly adminRules?: Readonly<Record<string, FakeAdminRule>>;
  }[];
  readonly ipGroups?: readonly {
    readonly id: string;
    readonly ipAddresses: readonly string[];
    readonly tags?: Readonly<Record<string, string>>;
    readonly firewalls?: readonly string[];
  }[];
}

export interface FakeNetworkOptions {
  /** After how many further requests for a thing a change of it is done; until then nothing else of it can be changed. */
  readonly changeTakes?: number | undefined;
  /** After how many requests for effective rules they show a change. */
  readonly effectTakes?: number | undefined;
  /** How it says that another change is under way. */
  readonly busy?: 429 | 409 | undefined;
}

interface Group {
  readonly id: string;
  readonly rules: Map<string, FakeRuleProperties>;
  readonly flushConnection: boolean;
  readonly networkInterfaces: readonly string[];
  readonly subnets: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly change: Progress;
  /** What effective rules show until they show the rules. */
  shown: ReadonlyMap<string, FakeRuleProperties>;
  shownFor: number;
}

interface IpGroup {
  readonly id: string;
  location: string;
  tags: Readonly<Record<string, string>>;
  ipAddresses: readonly string[];
  readonly firewalls: readonly string[];
  readonly change: Progress;
}

/** A change under way, and the version of what it changes. */
interface Progress {
  left: number;
  version: number;
}

const LOCATION = 'westeurope';
const MOST_ADDRESSES = 5000;
const ruleBody = z.object({ properties: ruleProperties });
const ipGroupBody = z.object({
  location: z.string(),
  tags: z.record(z.string(), z.string()).default({}),
  properties: z.object({ ipAddresses: z.array(z.string()).default([]) }),
});

/**
 * `Microsoft.Network` of Azure Resource Manager, as far as rules of network security groups and IP groups go: changes take time and exclude each other, a whole group
 * cannot be written, and rules are checked as the service checks them.
 */
export class FakeNetwork extends FakeService {
  readonly #groups = new Map<string, Group>();
  readonly #interfaces = new Map<string, NonNullable<FakeNetworkState['networkInterfaces']>[number]>();
  readonly #ipGroups = new Map<string, IpGroup>();
  /** By number: what their links are asked for, and what they come to. */
  readonly #operations: { readonly goesOn: () => boolean; readonly answer: () => Json }[] = [];
  readonly #options: Required<{ [name in keyof FakeNetworkOptions]: NonNullable<FakeNetworkOptions[name]> }>;

  constructor(state: FakeNetworkState, { changeTakes = 2, effectTakes = 1, busy = 429 }: FakeNetworkOptions = {}) {
    super();
    this.#options = { changeTakes, effectTakes, busy };
    for (const {
      id,
      rules = {},
      flushConnection = false,
      networkInterfaces = [],
      subnets = [],
      tags = {},
    } of state.securityGroups ?? []) {
      const held = new Map(Object.entries(rules));
      const change = { left: 0, version: 1 };
      this.#groups.set(id.toLowerCase(), {
        id,
        rules: held,
        flushConnection,
        networkInterfaces,
        subnets,
        tags,
        change,
        shown: held,
        shownFor: 0,
      });
    }
    for (const networkInterface of state.networkInterfaces ?? []) {
      this.#interfaces.set(networkInterface.id.toLowerCase(), networkInterface);
    }
    for (const { id, ipAddresses, tags = {}, firewalls = [] } of state.ipGroups ?? []) {
      const change = { left: 0, version: 1 };
      this.#ipGroups.set(id.toLowerCase(), { id, location: LOCATION, tags, ipAddresses, firewalls, change });
    }
  }

  /** The rules of a group, by name. */
  rulesOf(id: string): Readonly<Record<string, FakeRuleProperties>> {
    return Object.fromEntries(this.#groups.get(id.toLowerCase())?.rules ?? []);
  }

  /** Changes a rule as somebody else would; without properties, takes it out. */
  setRule(id: string, name: string, properties: FakeRuleProperties | undefined): void {
    const group = this.#groups.get(id.toLowerCase());
    if (group === undefined) return;
    if (properties === undefined) group.rules.delete(name);
    else group.rules.set(name, properties);
    group.change.version++;
  }

  /** What of an IP group can be written; null where it is not there. */
  ipGroup(id: string): { tags: Json; ipAddresses: string[] } | null {
    const group = this.#ipGroups.get(id.toLowerCase());
    return group === undefined ? null : { tags: { ...group.tags }, ipAddresses: [...group.ipAddresses] };
  }

  /** Changes the addresses of an IP group as somebody else would. */
  setIpAddresses(id: string, ipAddresses: readonly string[]): void {
    const group = this.#ipGroups.get(id.toLowerCase());
    if (group === undefined) return;
    group.ipAddresses = ipAddresses;
    group.change.version++;
  }

  protected answer(request: FakeRequest): FakeAnswer {
    if (!/^Bearer \S/.test(request.headers.authorization ?? '')) {
      return failure(401, 'AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.");
    }
    if (!request.query.has('api-version')) {
      return failure(400, 'MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required.');
    }
    const path = request.path.toLowerCase();
    const [, scope = '', type = '', name = '', child = '', childName = ''] =
      /^(\/subscriptions\/[^/]+(?:\/resourcegroups\/[^/]+)?\/providers\/microsoft\.network)\/([^/]+)\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(
        path,
      ) ?? [];
    const id = `${scope}/${type}/${name}`;
    switch (`${type}/${child}`) {
      case 'networksecuritygroups/':
        return this.#group(request, id);
      case 'networksecuritygroups/securityrules':
        return this.#rules(request, id, lastOf(request.path), childName);
      case 'virtualnetworks/subnets':
        return this.#subnet(request, path);
      case 'networkinterfaces/effectivenetworksecuritygroups':
        return this.#effective(request, id);
      case 'ipgroups/':
        return this.#ipGroupAnswer(request, id);
      case 'locations/operations':
      case 'locations/operationresults':
        return this.#operation(Number(childName), child);
      default:
        return notFound(request.path);
    }
  }

  #group({ method, path }: FakeRequest, id: string): FakeAnswer {
    const group = this.#groups.get(id);
    if (group === undefined) return notFound(path);
    if (method !== 'GET')
      return failure(405, 'MethodNotAllowed', 'A whole network security group is never to be written.');
    goOn(group.change);
    const rules = (all: ReadonlyMap<string, FakeRuleProperties>, folder: string) =>
      [...all].map(([name, properties]) => ruleResource(group, name, properties, folder));
    const body = {
      id: group.id,
      name: lastOf(group.id),
      type: 'Microsoft.Network/networkSecurityGroups',
      location: LOCATION,
      tags: { ...group.tags },
      etag: etagOf(group.change),
      properties: {
        provisioningState: stateOf(group.change),
        ...(group.flushConnection ? { flushConnection: true } : {}),
        securityRules: rules(group.rules, 'securityRules'),
        defaultSecurityRules: rules(DEFAULT_RULES, 'defaultSecurityRules'),
        networkInterfaces: group.networkInterfaces.map((other) => ({ id: other })),
        subnets: group.subnets.map((other) => ({ id: other })),
      },
    };
    return { status: 200, body };
  }

  #rules(request: FakeRequest, id: string, name: string, key: string): FakeAnswer {
    const group = this.#groups.get(id);
    if (group === undefined) return failure(404, 'ParentResourceNotFound', `The parent resource ${id} was not found.`);
    const stands = [...group.rules.keys()].find((other) => other.toLowerCase() === key);
    const busy = goOn(group.change);
    if (request.method === 'GET') {
      const rule = group.rules.get(stands ?? '');
      if (stands === undefined || rule === undefined) return notFound(request.path);
      return { status: 200, body: ruleResource(group, stands, rule, 'securityRules') };
    }
    if (busy) return this.#anotherOperation(id);
    if (!matches(request, group.change, stands !== undefined)) return PRECONDITION_FAILED;
    if (request.method === 'PUT') return this.#putRule(request, group, stands ?? name);
    if (request.method !== 'DELETE') return failure(405, 'MethodNotAllowed', request.method);
    if (stands === undefined) return { status: 204 };
    this.#changing(group, () => group.rules.delete(stands));
    this.wrote('DELETE securityRules', stands);
    return { status: 202, headers: this.#accepted(request, group.change) };
  }

  #putRule(request: FakeRequest, group: Group, name: string): FakeAnswer {
    const body = ruleBody.safeParse(request.body);
    if (!body.success) return failure(400, 'InvalidRequestFormat', z.prettifyError(body.error));
    const { properties } = body.data;
    const others = new Map([...group.rules].filter(([other]) => other !== name));
    const refusal = refusalOf(name, properties, others);
    if (refusal !== undefined) return failure(400, refusal.code, refusal.message);
    const before = group.rules.get(name);
    if (JSON.stringify(before) !== JSON.stringify(properties)) {
      this.#changing(group, () => group.rules.set(name, properties));
      this.wrote('PUT securityRules', name);
    }
    const headers = this.#accepted(request, group.change);
    return {
      status: before === undefined ? 201 : 200,
      headers,
      body: ruleResource(group, name, properties, 'securityRules'),
    };
  }

  /** Makes a change that is under way from then on. */
  #changing(group: Group, change: () => void): void {
    group.shown = new Map(group.rules);
    group.shownFor = this.#options.effectTakes;
    change();
    group.change.left = this.#options.changeTakes;
    group.change.version++;
  }

  #anotherOperation(id: string): FakeAnswer {
    return this.#options.busy === 409
      ? failure(409, 'AnotherOperationInProgress', `Another operation on ${id} or a dependent resource is in progress.`)
      : {
          ...failure(429, 'RetryableError', 'A retryable error occurred.', [
            {
              code: 'RetryableErrorDueToAnotherOperation',
              message: `Operation PutSecurityRuleOperation is updating resource ${id}.`,
            },
          ]),
          headers: { 'retry-after': '1' },
        };
  }

  #subnet({ method, path }: FakeRequest, key: string): FakeAnswer {
    const group = [...this.#groups.values()].find(({ subnets }) => subnets.some((id) => id.toLowerCase() === key));
    const inside = [...this.#interfaces.values()].filter(({ subnet }) => subnet?.toLowerCase() === key);
    if (method !== 'GET' || (group === undefined && inside.length === 0)) return notFound(path);
    const ipConfigurations = inside.map(({ id }) => ({ id: `${id}/ipConfigurations/ipconfig1` }));
    const networkSecurityGroup = group === undefined ? {} : { networkSecurityGroup: { id: group.id } };
    return {
      status: 200,
      body: { id: path, name: lastOf(path), properties: { ...networkSecurityGroup, ipConfigurations } },
    };
  }

  #effective(request: FakeRequest, id: string): FakeAnswer {
    const found = this.#interfaces.get(id);
    if (request.method !== 'POST' || found === undefined) return notFound(request.path);
    if (!found.running) {
      return failure(
        400,
        'OperationNotAllowed',
        `Network interface ${id} is not attached to a running virtual machine.`,
      );
    }
    const groups = [...this.#groups.values()].filter(
      ({ networkInterfaces, subnets }) =>
        networkInterfaces.some((other) => other.toLowerCase() === id) ||
        subnets.some((other) => other.toLowerCase() === found.subnet?.toLowerCase()),
    );
    const answer = () => ({
      value: [...adminRulesOf(found.adminRules), ...groups.map((group) => effectiveGroup(group, found))],
    });
    const looking: Progress = { left: 1, version: 0 };
    const headers = {
      ...this.#begin(request, 'operationResults', looking, answer),
      ...this.#begin(request, 'operations', looking, () => ({ status: 'Succeeded' })),
    };
    return { status: 202, headers };
  }

  #ipGroupAnswer(request: FakeRequest, id: string): FakeAnswer {
    const group = this.#ipGroups.get(id);
    if (group === undefined) return notFound(request.path);
    const busy = goOn(group.change);
    if (request.method === 'GET') return { status: 200, body: ipGroupResource(group) };
    if (request.method !== 'PUT') return failure(405, 'MethodNotAllowed', request.method);
    if (busy) return this.#anotherOperation(id);
    if (!matches(request, group.change, true)) return PRECONDITION_FAILED;
    const body = ipGroupBody.safeParse(request.body);
    if (!body.success) return failure(400, 'InvalidRequestFormat', z.prettifyError(body.error));
    const { ipAddresses } = body.data.properties;
    if (ipAddresses.length > MOST_ADDRESSES) {
      return failure(
        400,
        'IpGroupsExceedsMaximumIpAddresses',
        `IpGroups cannot have more than ${MOST_ADDRESSES} addresses.`,
      );
    }
    const wrong = ipAddresses.find((text) => parsePrefix(text.split('-')[0] ?? '')?.version !== 4);
    if (wrong !== undefined)
      return failure(400, 'IpGroupsHasInvalidIpAddress', `IpGroups has the invalid address ${wrong}.`);
    if (JSON.stringify([group.ipAddresses, group.tags]) !== JSON.stringify([ipAddresses, body.data.tags])) {
      Object.assign(group, { ipAddresses, tags: body.data.tags, location: body.data.location });
      group.change.left = this.#options.changeTakes;
      group.change.version++;
      this.wrote('PUT ipGroups', lastOf(group.id));
    }
    return { status: 200, headers: this.#accepted(request, group.change), body: ipGroupResource(group) };
  }

  /** Headers of a change that is under way; none of one that is done. */
  #accepted(request: FakeRequest, change: Progress): Record<string, string> {
    if (change.left === 0) return {};
    return this.#begin(request, 'operations', change, () => ({ status: 'Succeeded' }));
  }

  #begin(
    { headers, path }: FakeRequest,
    kind: 'operations' | 'operationResults',
    progress: Progress,
    answer: () => Json,
  ): Record<string, string> {
    const number = this.#operations.push({ goesOn: () => goOn(progress), answer }) - 1;
    const subscription = path.split('/')[2] ?? '';
    const link = `https://${headers.host ?? ''}/subscriptions/${subscription}/providers/Microsoft.Network/locations/${LOCATION}/${kind}/${number}?api-version=2026-01-01`;
    return { 'retry-after': '0', [kind === 'operations' ? 'azure-asyncoperation' : 'location']: link };
  }

  #operation(number: number, kind: string): FakeAnswer {
    const operation = this.#operations[number];
    if (operation === undefined) return notFound(String(number));
    if (operation.goesOn()) {
      return kind === 'operations'
        ? { status: 200, headers: { 'retry-after': '0' }, body: { status: 'InProgress' } }
        : { status: 202, headers: { 'retry-after': '0' } };
    }
    return { status: 200, body: operation.answer() };
  }
}

/** A change goes on with every request. @returns whether it was under way */
function goOn(change: Progress): boolean {
  if (change.left === 0) return false;
  change.left--;
  return true;
}

const stateOf = ({ left }: Progress): string => (left > 0 ? 'Updating' : 'Succeeded');
const etagOf = ({ version, left }: Progress): string =>
  `W/"00000000-0000-4000-8000-${String(version * 100 + left).padStart(12, '0')}"`;
const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function matches({ headers }: FakeRequest, change: Progress, stands: boolean): boolean {
  const [wanted, unwanted] = [headers['if-match'], headers['if-none-match']];
  if (unwanted === '*' && stands) return false;
  return wanted === undefined || (stands && (wanted === '*' || wanted === etagOf(change)));
}

const failure = (status: number, code: string, message: string, details: Json[] = []): FakeAnswer => ({
  status,
  body: { error: { code, message, details } },
});
const notFound = (path: string): FakeAnswer => failure(404, 'ResourceNotFound', `The Resource ${path} was not found.`);
const PRECONDITION_FAILED = failure(
  412,
  'PreconditionFailed',
  'Precondition failed: the etag of the resource is another.',
);

function ruleResource({ id, change }: Group, name: string, properties: FakeRuleProperties, folder: string): Json {
  return {
    id: `${id}/${folder}/${name}`,
    name,
    type: `Microsoft.Network/networkSecurityGroups/${folder}`,
    etag: etagOf(change),
    properties: { ...objectOf(JSON.parse(JSON.stringify(properties))), provisioningState: stateOf(change) },
  };
}

function ipGroupResource({ id, location, tags, ipAddresses, firewalls, change }: IpGroup): Json {
  const properties = {
    provisioningState: stateOf(change),
    ipAddresses: [...ipAddresses],
    firewalls: firewalls.map((firewall) => ({ id: firewall })),
    firewallPolicies: [],
  };
  return {
    id,
    name: lastOf(id),
    type: 'Microsoft.Network/ipGroups',
    location,
    tags: { ...tags },
    etag: etagOf(change),
    properties,
  };
}

function effectiveGroup(group: Group, { id, subnet }: { readonly id: string; readonly subnet?: string }): Json {
  const rules = group.shownFor > 0 ? group.shown : group.rules;
  if (group.shownFor > 0) group.shownFor--;
  const onInterface = group.networkInterfaces.some((other) => other.toLowerCase() === id.toLowerCase());
  return {
    networkSecurityGroup: { id: group.id },
    association: onInterface ? { networkInterface: { id } } : { subnet: { id: subnet ?? '' } },
    effectiveSecurityRules: [
      ...[...rules].map(([name, rule]) => effectiveRule(`securityRules/${name}`, rule)),
      ...[...DEFAULT_RULES].map(([name, rule]) => effectiveRule(`defaultSecurityRules/${name}`, rule)),
    ],
  };
}

function adminRulesOf(rules: Readonly<Record<string, FakeAdminRule>> = {}): Json[] {
  const named = Object.entries(rules);
  if (named.length === 0) return [];
  const manager =
    '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/network/providers/Microsoft.Network/networkManagers/central';
  return [
    {
      association: { networkManager: { id: manager } },
      effectiveSecurityRules: named.map(([name, rule]) => effectiveRule(name, rule)),
    },
  ];
}
