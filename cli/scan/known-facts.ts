import { enrichEvent } from '../../pipeline/enrichment/enrich-event.ts';
import { standingConditions } from '../../pipeline/enrichment/assets/exposure.ts';
import { MemoryFindings } from '../../pipeline/enrichment/findings/memory-findings.ts';
import { weighAll } from '../../pipeline/enrichment/findings/weigh-all.ts';
import { incidentFacts, type KnownCondition } from '../../pipeline/enrichment/incident-facts.ts';
import type { Knowledge } from '../../pipeline/enrichment/knowledge.ts';
import { MemoryUses } from '../../pipeline/enrichment/uses.ts';
import { withFacts } from '../../pipeline/incidents/with-facts.ts';
import { findingOf } from '../../pipeline/timeline/finding-of.ts';
import type { WeighedFinding } from '../../pipeline/timeline/finding.ts';
import type { Event } from '../../pipeline/timeline/event.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';

/** What is known beside the logs of a scan, and what these say of assets themselves: findings, and what identities use. */
export class KnownFacts {
  readonly #knowledge: Knowledge;
  readonly #findings = new MemoryFindings();
  readonly #uses = new MemoryUses();

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  /** Adds to an event what is known of what it names. */
  readonly enrich = (event: Event): Event => enrichEvent(event, this.#knowledge);

  take(event: Event): void {
    this.#uses.take(event);
    const finding = findingOf(event);
    if (finding !== undefined) this.#findings.keep(finding);
  }

  /** Incidents with what is known of what they touch. @param conditions what is weak, as the logs tell */
  async assessed(incidents: readonly Incident[], conditions: readonly KnownCondition[]): Promise<Incident[]> {
    const sources = { knowledge: () => this.#knowledge, findings: this.#findings, uses: this.#uses };
    const assessed: Incident[] = [];
    for (const incident of incidents)
      assessed.push(withFacts(incident, await incidentFacts(incident, conditions, sources)));
    return assessed;
  }

  /** Open findings, the one to look at first first. @param now milliseconds since 1970-01-01T00:00:00Z */
  findings(conditions: readonly KnownCondition[], now: number): WeighedFinding[] {
    const standing = standingConditions(conditions.filter(({ undone }) => undone === undefined));
    const open = [...this.#findings.all()].filter(({ status }) => status === 'open');
    return weighAll(open, this.#knowledge, standing, now);
  }
}
