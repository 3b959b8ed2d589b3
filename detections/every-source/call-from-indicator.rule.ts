import type { EventRule } from '../../pipeline/detection/event-rule.ts';

/** Indicators of which their source is less sure are evidence, and raise nothing by themselves. */
const LEAST_CONFIDENCE = 50;
/** What says where somebody hides and not that they attack: exits of Tor, VPN services. */
const NO_ATTACK = new Set(['anonymization', 'benign']);

export default {
  title: 'Sign-in or call from an address that is held to be an attacker’s',
  id: '5b6a8a52-3f0b-4f57-9a86-0a6f1f6f2c31',
  status: 'test',
  description:
    'Somebody signed in, or called the API of a cloud, and succeeded, from an address or a domain that a source of threat ' +
    'intelligence holds to be an attacker’s, at a time at which that counts. Whoever has the credential has it not by guessing ' +
    'alone any more. Which source says so, how sure it is and until when stands in the enrichments of the event.',
  author: 'Crosstrail',
  date: '2026-11-21',
  references: ['https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html'],
  tags: ['attack.initial-access', 'attack.t1078.004'],
  falsepositives: [
    'An address that many share, such as that of a mobile network, from which somebody else attacked.',
    'An indicator that is old: let the source expire sooner, or name what is yours under threatIntel.ignore.',
  ],
  level: 'high',
  decision: 'warn',
  owner: 'identity',
  window: '1d',
  classes: [3001, 3002, 3004, 3005, 3006, 6003],
  matches({ ocsf }, _record, { values }) {
    if (ocsf.enrichments === undefined || ocsf.status_id !== 1) return false;
    return ocsf.enrichments.some(({ type, name, data }) => {
      if (type !== 'indicator' || !name.startsWith('src_endpoint.')) return false;
      const [confidence] = values(data, 'confidence');
      return (
        values(data, 'validity').includes('current') &&
        typeof confidence === 'number' &&
        confidence >= LEAST_CONFIDENCE &&
        !values(data, 'labels').some((label) => typeof label === 'string' && NO_ATTACK.has(label))
      );
    });
  },
} satisfies EventRule<3001 | 3002 | 3004 | 3005 | 3006 | 6003>;
