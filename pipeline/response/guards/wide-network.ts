import { parsePrefix } from '../../../platform/ip-prefix.ts';
import type { Guard } from './guard.ts';
import { ask, named } from './verdict.ts';

/** The smallest networks that the internet routes: others than the attacker have addresses in wider ones for certain. */
const WIDEST = { 4: 24, 6: 48 } as const;

/** Networks in which others are too. */
export const wideNetwork: Guard = {
  name: 'wide-network',
  description:
    'Networks wider than /24 (IPv4) or /48 (IPv6) are blocked only with approval. Approvers override it. Wider than /16 or /32 no action takes as a parameter.',
  ask({ plan }) {
    for (const subject of plan.subjects) {
      const network = subject.kind === 'address' ? parsePrefix(subject.value) : undefined;
      if (network === undefined || network.length >= WIDEST[network.version]) continue;
      const { version, words, length } = network;
      const count = 2 ** (words.length * 32 - length);
      const how = version === 4 ? `${count} addresses` : `networks of ${2 ** Math.max(0, 48 - length)} sites`;
      return ask(`${named(subject.kind === 'address' ? [subject.value] : [])} are ${how}, which others have too`);
    }
    return undefined;
  },
};
