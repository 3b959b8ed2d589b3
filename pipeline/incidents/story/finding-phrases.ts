import type { SourceId } from '../../timeline/event.ts';
import type { Observation } from '../../timeline/observation.ts';
import { onThings, type Phrase } from './phrase.ts';
import { quoted } from './quoted.ts';
import type { Thing } from './thing.ts';

const REPORTERS: Partial<Record<SourceId, string>> = {
  defender: 'Defender for Cloud',
  'security-hub': 'Security Hub',
};

/** How a finding of a service that watches others is told: of whoever acted in it, or of what it happened to. */
export function findingPhrase({ source, action, principal }: Observation, things: readonly Thing[]): Phrase {
  const others = things.filter(({ key }) => key !== principal);
  const reporter = REPORTERS[source] ?? 'a scanner';
  const title = quoted(action.operation);
  return { does: `be reported by ${reporter} for ${title}${onThings(others)}`, title };
}
