import { parsePrefix } from '../../../platform/ip-prefix.ts';
import type { Guard, GuardQuestion } from './guard.ts';
import { overlap, PROTECTED_NETWORKS, writingsOf, type ProtectedNetwork } from './protected-networks.ts';
import { byConfiguration, named, refuse, type Saying } from './verdict.ts';

/** Networks of one's own and of platforms. */
export const neverNetwork: Guard = {
  name: 'never-network',
  description:
    'No address is blocked that is private, shared, link-local, multicast or of the machine itself, nor those of platforms (168.63.129.16, metadata services, health probes), one’s own egress (`correlation.networks` with `egress`), nor what `response.guards.neverNetworks` names; nor any network that contains one of them, however it is written. The built-in ones cannot be overridden; whoever may change the configuration can take out the others.',
  ask: (question) => refusalOfAddresses(addressesOf(question), question),
};

/** What is said of addresses that are to be blocked, whatever else a plan may be. */
export function refusalOfAddresses(
  addresses: readonly string[],
  { ownEgress, settings }: Pick<GuardQuestion, 'ownEgress' | 'settings'>,
): Saying | undefined {
  const configured = [
    protectedBy(ownEgress, 'one’s own egress', 'correlation.networks'),
    protectedBy(settings.guards.neverNetworks, 'named in the configuration', 'response.guards.neverNetworks'),
  ];
  for (const address of addresses) {
    const refusal = refusalOf(address, configured);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The addresses and networks that a plan is to block. */
const addressesOf = ({ plan }: GuardQuestion): string[] =>
  plan.subjects.flatMap((subject) => (subject.kind === 'address' ? [subject.value] : []));

interface Configured {
  readonly setting: string;
  readonly networks: readonly ProtectedNetwork[];
  /** A protection that cannot be read protects all: to leave it out without a word would be worse. */
  readonly unreadable: string | undefined;
}

function protectedBy(texts: readonly string[], what: string, setting: string): Configured {
  const networks: ProtectedNetwork[] = [];
  let unreadable: string | undefined;
  for (const text of texts) {
    const network = parsePrefix(text);
    if (network === undefined) unreadable ??= text;
    else networks.push({ network, what });
  }
  return { setting, networks, unreadable };
}

function refusalOf(address: string, configured: readonly Configured[]): Saying | undefined {
  const network = parsePrefix(address);
  const shown = named([address]);
  if (network === undefined) {
    return refuse(`‘${shown}’ is no address or network`, 'It cannot be overridden: correct the parameter.');
  }
  const writings = writingsOf(network);
  // As it is written first: that is the better reason.
  const among = (networks: readonly ProtectedNetwork[]) =>
    writings.flatMap((writing) => networks.find((one) => overlap(writing, one.network)) ?? []).at(0);
  const builtIn = among(PROTECTED_NETWORKS);
  if (builtIn !== undefined) {
    return refuse(`${shown} is or contains ${builtIn.what}`, 'It cannot be overridden.');
  }
  for (const { networks, setting, unreadable } of configured) {
    const found = among(networks);
    if (found !== undefined) return refuse(`${shown} is or contains what is ${found.what}`, byConfiguration(setting));
    if (unreadable === undefined) continue;
    const reason = `${setting} has ‘${named([unreadable])}’, which is no network, so it cannot be told whether ${shown} is in it`;
    return refuse(reason, byConfiguration(setting));
  }
  return undefined;
}
