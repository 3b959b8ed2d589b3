import { canonicalAddress } from '../../platform/ip-address.ts';
import { isObject, objectOf, own, type JsonObject } from '../../platform/json.ts';
import { arnKey, armKey, boundedKey, deviceKey, domainKey, ipKey, upnKey } from '../timeline/entity-keys.ts';
import { readAccount } from './account.ts';
import type { EntityIds } from './entity-ids.ts';
import { textAt } from './entity-text.ts';
import type { SentinelEntity } from './incident.ts';

/** A thing that an incident names, as Crosstrail can ask after it. */
export interface NamedEntity {
  /** Sentinel's kind. */
  readonly kind: string;
  /** For people, as Sentinel wrote it: outside text. */
  readonly label: string;
  /** Canonical keys that it may stand under, the surest first; none where only a look-up can tell. */
  readonly keys: readonly string[];
  readonly ids: EntityIds;
}

/** Of more entities than this only the first are asked after. */
export const MOST_ENTITIES = 200;

type Read = Omit<NamedEntity, 'kind' | 'label'> & { readonly label?: string | undefined };
type Reader = (properties: JsonObject, tenant: string | undefined) => Read | undefined;

const NOTHING: Read = { keys: [], ids: {} };

/** By kind in lower case: kinds differ in case between interfaces. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>(
  Object.entries<Reader>({
    account: (properties, tenant) => {
      const { name, ...read } = readAccount(properties, tenant);
      return { ...read, label: name };
    },
    ip: (properties) => addressOf(textAt(properties, 'address')),
    host: readHost,
    azureresource: (properties) => resourceOf(textAt(properties, 'resourceId')),
    amazonresource: (properties) => {
      const arn = textAt(properties, 'amazonResourceId');
      return arn?.startsWith('arn:') ? { keys: [arnKey(arn)], ids: { arns: [arn] }, label: arn } : undefined;
    },
    url: (properties) => hostOfUrl(textAt(properties, 'url')),
    dnsresolution: (properties) => domainOf(textAt(properties, 'domainName')),
    mailbox: (properties) => mailOf(textAt(properties, 'upn') ?? textAt(properties, 'mailboxPrimaryAddress')),
    mailmessage: (properties) => {
      const sender = addressOf(textAt(properties, 'senderIP'));
      const recipient = mailOf(textAt(properties, 'recipient'));
      return {
        keys: [...(recipient?.keys ?? []), ...(sender?.keys ?? [])],
        ids: { ...recipient?.ids, ...sender?.ids },
        label: textAt(properties, 'subject'),
      };
    },
    cloudapplication: (properties) => ({ ...NOTHING, label: textAt(properties, 'appName') }),
  }),
);

/**
 * The things that an incident names, each once, in Sentinel's order. Kinds that nothing can be asked of (files, processes, registry keys) keep
 * their name; alerts and bookmarks are left out, for they are read by themselves.
 * @param tenant of the workspace, for accounts that name none
 */
export function namedEntities(
  entities: readonly Pick<SentinelEntity, 'kind' | 'properties'>[],
  tenant?: string,
): NamedEntity[] {
  const found = new Map<string, NamedEntity>();
  for (const { kind, properties } of entities.slice(0, MOST_ENTITIES)) {
    const folded = kind.toLowerCase();
    if (folded === 'securityalert' || folded === 'bookmark' || !isObject(properties)) continue;
    const read = READERS.get(folded)?.(properties, tenant) ?? NOTHING;
    const label = read.label ?? textAt(properties, 'friendlyName') ?? kind;
    const named = { kind, label, keys: [...new Set(read.keys.map(boundedKey))], ids: read.ids };
    const identity = `${folded}\n${JSON.stringify([named.keys, named.ids, read === NOTHING ? label : ''])}`;
    if (!found.has(identity)) found.set(identity, named);
  }
  return [...found.values()];
}

function readHost(properties: JsonObject): Read {
  const name = textAt(properties, 'hostName') ?? textAt(properties, 'netBiosName');
  const vm = resourceOf(textAt(properties, 'azureID'));
  const more = objectOf(own(properties, 'additionalData'));
  const device = more && textAt(more, 'AadDeviceId');
  return {
    keys: [...(vm?.keys ?? []), ...(device === undefined ? [] : [deviceKey(device)])],
    ids: { ...vm?.ids, ...(name !== undefined && { hosts: [name.toLowerCase()] }) },
    label: name ?? vm?.label,
  };
}

function addressOf(text: string | undefined): Read | undefined {
  const address = text === undefined ? undefined : canonicalAddress(text);
  return address === undefined ? undefined : { keys: [ipKey(address)], ids: { addresses: [address] }, label: address };
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
function resourceOf(id: string | undefined): Read | undefined {
  if (id === undefined || !/^\/subscriptions\/[^/\s]+(?:\/|$)/i.test(id)) return undefined;
  const key = armKey(id);
  return { keys: [key], ids: { resources: [key.slice('arm:'.length)] }, label: id.split('/').at(-1) };
}

function mailOf(text: string | undefined): Read | undefined {
  return text !== undefined && /^[^\s@\\]+@[^\s@\\]+$/.test(text)
    ? { keys: [upnKey(text)], ids: { upns: [text.toLowerCase()] }, label: text }
    : undefined;
}

function domainOf(text: string | undefined): Read | undefined {
  if (text === undefined || text.length > 253 || !/^[\w-]+(?:\.[\w-]+)+\.?$/.test(text)) return undefined;
  const key = domainKey(text);
  return { keys: [key], ids: { domains: [key.slice('domain:'.length)] }, label: text };
}

/** The host of an address, or of what stands before the first slash where it has no scheme. */
function hostOfUrl(text: string | undefined): Read | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(/^[a-z][\w+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || url.hostname === '') return { ...NOTHING, label: text };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { ...(addressOf(host) ?? domainOf(host) ?? NOTHING), label: text };
}
