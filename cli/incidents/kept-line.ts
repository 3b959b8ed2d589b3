import type { KeptIncident } from '../../pipeline/incidents/incident-store.ts';
import type { Response } from '../../pipeline/response/response.ts';
import { incidentLine } from '../scan/incident-text.ts';
import { incidentResponse } from './response-sections.ts';

/** A kept incident as an object of the ndjson format: what a scan says of an incident, and where it stands. */
export const keptLine = ({ incident, state, verdict, reopened, withdrawn, cut, revision, merged }: KeptIncident) => ({
  ...incidentLine(incident),
  state,
  verdict,
  reopened,
  withdrawn,
  cut,
  revision,
  merged,
});

/**
 * All that is kept of an incident, as an object of the ndjson format.
 * @param responses those to the incident and to those that went into it
 * @param now milliseconds since 1970-01-01T00:00:00Z
 */
export function wholeLine(kept: KeptIncident, responses: readonly Response[], now: number) {
  const { reasons, steps, joins, graph } = kept.incident;
  const history = kept.history.map(({ incident, state, by, at, note, closed }) => ({
    incident,
    state,
    verdict: closed?.verdict,
    by,
    at: iso(at),
    note,
  }));
  return {
    ...keptLine(kept),
    reasons,
    steps: steps.map((step) => ({ ...step, time: iso(step.time), last: iso(step.last) })),
    joins,
    graph: { nodes: graph.nodes, edges: graph.edges.map((edge) => ({ ...edge, time: iso(edge.time) })) },
    history,
    responses: responses.map((response) => incidentResponse(response, now)),
  };
}

const iso = (time: number): string => new Date(time).toISOString();
