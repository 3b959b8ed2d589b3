/**
 * Network ACLs of EC2 (query protocol, XML) and IP sets of AWS WAF (JSON 1.1) of one account and region, as responses use them: numbers that are taken, quotas, lock tokens, versions
 * of addresses, IPv6 written in full, and pages.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html
 * https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateIPSet.html
 */
import { objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { parsePrefix, prefixText, type IpPrefix } from '../../platform/ip-prefix.ts';
import { AwsFault, xmlAnswer, xmlOf, type XmlValue } from './aws-query.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';

export interface FakeAclEntry {
  readonly number: number;
  readonly egress: boolean;
  readonly action: 'allow' | 'deny';
  readonly protocol: string;
  readonly cidr: string;
}

export interface FakeAcl {
  readonly id: string;
  readonly subnets: readonly string[];
  entries: FakeAclEntry[];
}

export interface FakeIpSet {
  readonly arn: string;
  readonly version: 'IPV4' | 'IPV6';
  readonly description?: string;
  addresses: string[];
}

/** A web ACL or a rule group, with its rules as the service gives them. */
export interface FakeRules {
  readonly kind: 'web ACL' | 'rule group';
  readonly scope: 'REGIONAL' | 'CLOUDFRONT';
  readonly name: string;
  readonly rules: Json[];
}

export interface FakeAwsNetworkOptions {
  readonly acls?: readonly FakeAcl[];
  readonly ipSets?: readonly FakeIpSet[];
  readonly rules?: readonly FakeRules[];
  /** Entries of an ACL in one direction; 20 unless told. */
  readonly entryQuota?: number;
  /** Addresses of an IP set; 10,000 unless told. */
  readonly addressQuota?: number;
}

export class FakeAwsNetwork extends FakeService {
  readonly acls: FakeAcl[];
  readonly ipSets: FakeIpSet[];
  readonly #options: FakeAwsNetworkOptions;
  /** How often each IP set was changed: what lock tokens are made of. */
  readonly #changes = new Map<string, number>();

  constructor(options: FakeAwsNetworkOptions = {}) {
    super();
    this.#options = options;
    this.acls = structuredClone([...(options.acls ?? [])]);
    this.ipSets = structuredClone([...(options.ipSets ?? [])]);
  }

  /** Lets somebody else change an IP set, so that lock tokens given before are refused. */
  changeSet(arn: string, addresses: readonly string[]): void {
    const set = this.ipSets.find((each) => each.arn === arn);
    if (set === undefined) return;
    set.addresses = [...addresses];
    this.#changes.set(arn, (this.#changes.get(arn) ?? 0) + 1);
  }

  protected answer(request: FakeRequest): FakeAnswer {
    const target = request.headers['x-amz-target'];
    return typeof target === 'string' ? this.#waf(target, objectOf(request.body) ?? {}) : this.#ec2(request);
  }

  #ec2({ text }: FakeRequest): FakeAnswer {
    const parameters = new URLSearchParams(text);
    const operation = parameters.get('Action') ?? '';
    try {
      const result = this.#acl(operation, parameters);
      const xmlns = 'http://ec2.amazonaws.com/doc/2016-11-15/';
      const inner = xmlOf({ requestId: REQUEST_ID, ...result }, 'item');
      return xmlAnswer(200, `<${operation}Response xmlns="${xmlns}">${inner}</${operation}Response>`);
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      const fault = { Errors: { Error: { Code: error.code, Message: error.message } }, RequestID: REQUEST_ID };
      return xmlAnswer(error.status, `<Response>${xmlOf(fault, 'item')}</Response>`);
    }
  }

  #acl(operation: string, parameters: URLSearchParams): Record<string, XmlValue> {
    const id = parameters.get('NetworkAclId') ?? parameters.get('NetworkAclId.1') ?? '';
    const acl = this.acls.find((each) => each.id === id);
    if (acl === undefined) {
      throw new AwsFault('InvalidNetworkAclID.NotFound', 400, `The networkAcl ID '${id}' does not exist`);
    }
    const number = Number(parameters.get('RuleNumber'));
    const egress = parameters.get('Egress') === 'true';
    switch (operation) {
      case 'DescribeNetworkAcls':
        return { networkAclSet: [described(acl)] };
      case 'CreateNetworkAclEntry':
        this.#create(acl, number, egress, parameters);
        break;
      case 'DeleteNetworkAclEntry': {
        const rest = acl.entries.filter((entry) => entry.number !== number || entry.egress !== egress);
        if (rest.length === acl.entries.length) {
          throw new AwsFault('InvalidNetworkAclEntry.NotFound', 400, `There is no entry ${number}`);
        }
        acl.entries = rest;
        break;
      }
      default:
        throw new AwsFault('InvalidAction', 400, `The action ${operation} is not valid`);
    }
    this.wrote(operation, `${id}/${egress ? 'outbound' : 'inbound'}/${number}`);
    return { return: true };
  }

  #create(acl: FakeAcl, number: number, egress: boolean, parameters: URLSearchParams): void {
    const same = acl.entries.filter((entry) => entry.egress === egress);
    if (same.some((entry) => entry.number === number)) {
      throw new AwsFault(
        'NetworkAclEntryAlreadyExists',
        400,
        `The network acl entry identified by ${number} already exists.`,
      );
    }
    if (same.length >= (this.#options.entryQuota ?? 20)) {
      throw new AwsFault(
        'NetworkAclEntryLimitExceeded',
        400,
        'The maximum number of network acl entries has been reached.',
      );
    }
    const prefix = parsePrefix(parameters.get('CidrBlock') ?? parameters.get('Ipv6CidrBlock') ?? '');
    const action = parameters.get('RuleAction');
    if (!(number >= 1 && number <= 32_766) || prefix === undefined || (action !== 'allow' && action !== 'deny')) {
      throw new AwsFault('InvalidParameterValue', 400);
    }
    const cidr = cidrOf(prefix);
    acl.entries = [...acl.entries, { number, egress, action, protocol: parameters.get('Protocol') ?? '', cidr }];
  }

  #waf(target: string, body: JsonObject): FakeAnswer {
    const operation = target.split('.').at(-1) ?? '';
    try {
      return { status: 200, body: this.#answerWaf(operation, body), headers: JSON_1_1 };
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      return { status: error.status, body: { __type: error.code, message: error.message }, headers: JSON_1_1 };
    }
  }

  #answerWaf(operation: string, body: JsonObject): Json {
    switch (operation) {
      case 'GetIPSet': {
        const set = this.#setOf(body);
        const { arn, version, addresses, description = '' } = set;
        const [, name = '', id = ''] = /\/ipset\/([^/]+)\/(.+)$/.exec(arn) ?? [];
        const found = { Name: name, Id: id, ARN: arn, Description: description, IPAddressVersion: version };
        return { IPSet: { ...found, Addresses: addresses.map(written) }, LockToken: this.#token(arn) };
      }
      case 'UpdateIPSet':
        return this.#update(this.#setOf(body), body);
      case 'ListWebACLs':
        return this.#listed('web ACL', body);
      case 'ListRuleGroups':
        return this.#listed('rule group', body);
      case 'GetWebACL':
        return { WebACL: this.#rulesOf('web ACL', body) };
      case 'GetRuleGroup':
        return { RuleGroup: this.#rulesOf('rule group', body) };
      default:
        throw new AwsFault('UnknownOperationException', 400);
    }
  }

  /** One in a page. */
  #listed(kind: FakeRules['kind'], { Scope, NextMarker }: JsonObject): Json {
    const all = (this.#options.rules ?? []).filter((rules) => rules.kind === kind && rules.scope === Scope);
    const at = Number(textOf(NextMarker) ?? 0);
    const items = all.slice(at, at + 1).map(({ name }) => ({ Name: name, Id: name }));
    return {
      [kind === 'web ACL' ? 'WebACLs' : 'RuleGroups']: items,
      ...(at + 1 < all.length && { NextMarker: String(at + 1) }),
    };
  }

  #rulesOf(kind: FakeRules['kind'], { Name, Scope }: JsonObject): Json {
    const found = (this.#options.rules ?? []).find(
      (rules) => rules.kind === kind && rules.name === Name && rules.scope === Scope,
    );
    if (found === undefined) throw new AwsFault('WAFNonexistentItemException', 400);
    return { Name: found.name, Id: found.name, Rules: found.rules };
  }

  #setOf({ Name, Id, Scope }: JsonObject): FakeIpSet {
    const end = `:${Scope === 'CLOUDFRONT' ? 'global' : 'regional'}/ipset/${textOf(Name) ?? ''}/${textOf(Id) ?? ''}`;
    const set = this.ipSets.find(({ arn }) => arn.endsWith(end));
    if (set === undefined)
      throw new AwsFault('WAFNonexistentItemException', 400, 'AWS WAF couldn’t find the resource.');
    return set;
  }

  #token = (arn: string): string => `00000000-0000-4000-8000-${String(this.#changes.get(arn) ?? 0).padStart(12, '0')}`;

  #update(set: FakeIpSet, { Addresses, LockToken }: JsonObject): Json {
    if (LockToken !== this.#token(set.arn)) {
      throw new AwsFault(
        'WAFOptimisticLockException',
        400,
        'Someone else changed the resource since the token was given.',
      );
    }
    const addresses = (Array.isArray(Addresses) ? Addresses : []).map((address) => {
      const text = textOf(address) ?? '';
      const prefix = parsePrefix(text);
      const isFit = prefix?.version === (set.version === 'IPV4' ? 4 : 6) && text.includes('/') && prefix.length > 0;
      if (!isFit) throw new AwsFault('WAFInvalidParameterException', 400, `field: IP_ADDRESS, parameter: ${text}`);
      return cidrOf(prefix);
    });
    if (addresses.length > (this.#options.addressQuota ?? 10_000))
      throw new AwsFault('WAFLimitsExceededException', 400);
    const isNew = JSON.stringify(addresses) !== JSON.stringify(set.addresses.map((text) => cidrOf(parsePrefix(text))));
    if (isNew) {
      this.changeSet(set.arn, addresses);
      this.wrote('UpdateIPSet', set.arn);
    }
    return { NextLockToken: this.#token(set.arn) };
  }
}

const REQUEST_ID = '00000000-0000-4000-8000-00000000ec20';
const JSON_1_1 = { 'content-type': 'application/x-amz-json-1.1' };

const described = ({ id, subnets, entries }: FakeAcl): Record<string, XmlValue> => ({
  networkAclId: id,
  vpcId: 'vpc-0123456789abcdef0',
  entrySet: [...entries, ...FINAL].map(({ number, egress, action, protocol, cidr }) => ({
    ruleNumber: number,
    protocol,
    ruleAction: action,
    egress,
    ...(cidr.includes(':') ? { ipv6CidrBlock: cidr } : { cidrBlock: cidr }),
  })),
  associationSet: subnets.map((subnet) => ({ networkAclId: id, subnetId: subnet })),
});

/** What stands at the end of every ACL and cannot be removed. */
const FINAL: readonly FakeAclEntry[] = [true, false].map((egress) => ({
  number: 32_767,
  egress,
  action: 'deny',
  protocol: '-1',
  cidr: '0.0.0.0/0',
}));

/** With a length, of single addresses too. */
function cidrOf(prefix: IpPrefix | undefined): string {
  if (prefix === undefined) return '';
  const text = prefixText(prefix);
  return text.includes('/') ? text : `${text}/${prefix.length}`;
}

/** AWS WAF gives IPv6 in full: eight groups of four digits. */
function written(address: string): string {
  const prefix = parsePrefix(address);
  if (prefix?.version !== 6) return address;
  const groups = prefix.words.flatMap((word) => [word >>> 16, word & 0xffff]);
  return `${groups.map((group) => group.toString(16).padStart(4, '0')).join(':')}/${prefix.length}`;
}
