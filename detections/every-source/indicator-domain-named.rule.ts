import type { EventRule } from '../../pipeline/detection/event-rule.ts';

/** Indicators of which their source is less sure are evidence, and raise nothing by themselves. */
const LEAST_CONFIDENCE = 50;

export default {
  title: 'Domain that is held to be an attacker’s named in a call that succeeded',
  id: '0d3b3c1c-93d6-4a80-8a1e-7a1c6a1d5e42',
  status: 'test',
  description:
    'A call that succeeded names a user of a domain, or an issuer of tokens at one, that a source of threat intelligence holds to ' +
    'be an attacker’s: a guest was invited, a provider of identities trusted, or somebody of that domain did it. So the attacker ' +
    'comes in by a door of their own, which no change of passwords closes.',
  author: 'Crosstrail',
  date: '2026-11-21',
  references: ['https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html'],
  tags: ['attack.persistence', 'attack.t1136.003'],
  falsepositives: ['A partner whose domain was taken over for some time, or that a source lists wrongly.'],
  level: 'medium',
  decision: 'warn',
  owner: 'identity',
  window: '1d',
  classes: [3001, 3002, 3004, 3005, 3006, 6003],
  matches({ ocsf }, _record, { values }) {
    if (ocsf.enrichments === undefined || ocsf.status_id !== 1) return false;
    return ocsf.enrichments.some(({ type, name, data }) => {
      const [confidence] = values(data, 'confidence');
      return (
        type === 'indicator' &&
        name === 'domain' &&
        values(data, 'validity').includes('current') &&
        typeof confidence === 'number' &&
        confidence >= LEAST_CONFIDENCE
      );
    });
  },
} satisfies EventRule<3001 | 3002 | 3004 | 3005 | 3006 | 6003>;
