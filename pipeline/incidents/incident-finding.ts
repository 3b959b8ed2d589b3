import { parseJson } from '../../platform/json.ts';
import { CLOUD_TECHNIQUES } from '../timeline/attack/cloud-techniques.ts';
import { ATTACK_VERSION, TACTICS, type TacticName } from '../timeline/attack/tactics.ts';
import type { Incident } from '../timeline/incident.ts';
import {
  OCSF_VERSION,
  type Attack,
  type FindingInfo,
  type Graph,
  type IncidentFinding,
  type KillChainPhase,
} from '../timeline/ocsf/types.ts';
import type { Level } from '../timeline/signal.ts';
import type { IncidentState, Verdict } from './incident-state.ts';

/** Who answers for an incident that nobody has taken on: OCSF wants every incident assigned. */
const DEFAULT_GROUP = 'on-call';
const MOST_EVENTS = 1000;

/** What became of an incident by people's hands; without it, it is new. */
export interface FindingState {
  readonly state: IncidentState;
  readonly verdict?: Verdict | undefined;
  /** The group that it is assigned to. */
  readonly group?: string | undefined;
}

const SEVERITIES = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 } as const satisfies Record<
  Level,
  number
>;
/** OCSF has no priority under low. */
const PRIORITIES = { informational: 1, low: 1, medium: 2, high: 3, critical: 4 } as const satisfies Record<
  Level,
  number
>;
/** New, In Progress, On Hold (contained: nothing more happens until somebody looks), Closed. */
const STATUSES = { open: 1, acknowledged: 2, contained: 3, closed: 5 } as const;
/** False Positive, True Positive, Benign. */
const VERDICTS = { 'false-positive': 1, 'true-positive': 2, benign: 5 } as const;
const [CREATE, CLOSE] = [1, 3] as const;

/**
 * An incident as an OCSF Incident Finding (class 2005). Its list of findings begins with what it is as a whole, with the attack graph, the kill
 * chain and its events; after it come its alerts by id, each the `finding_info.uid` of a Detection Finding. Its `time` is that of the first event, so that the same incident gives the same finding.
 * https://schema.ocsf.io/1.8.0/classes/incident_finding
 */
export function incidentFinding(incident: Incident, status: FindingState = { state: 'open' }): IncidentFinding {
  const activity = status.state === 'closed' ? CLOSE : CREATE;
  const isBreach =
    incident.severity === 'critical' && status.verdict !== 'benign' && status.verdict !== 'false-positive';
  return {
    category_uid: 2,
    class_uid: 2005,
    activity_id: activity,
    type_uid: activity === CLOSE ? 200503 : 200501,
    severity_id: SEVERITIES[incident.severity],
    priority_id: PRIORITIES[incident.severity],
    status_id: STATUSES[status.state],
    ...(status.verdict !== undefined && { verdict_id: VERDICTS[status.verdict] }),
    time: incident.firstSeen,
    start_time: incident.firstSeen,
    end_time: incident.lastSeen,
    count: incident.eventIds.length,
    message: incident.title,
    desc: incident.story.join('\n'),
    is_suspected_breach: isBreach,
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Crosstrail', vendor_name: 'Crosstrail' },
      uid: incident.id,
    },
    assignee_group: { name: status.group ?? DEFAULT_GROUP },
    attacks: attacksOf(incident),
    finding_info_list: findingsOf(incident),
    unmapped: {
      score: incident.score,
      reasons: incident.reasons.map(({ what, points }) => ({ what, points })),
      principals: incident.principals.map(({ id, label, kind, aliases }) => ({
        id,
        label,
        kind,
        aliases: [...aliases],
      })),
      clouds: [...incident.clouds],
      sources: [...incident.sources],
      decision: incident.decision,
      ...(incident.context && { context: parseJson(JSON.stringify(incident.context)) }),
    },
  };
}

function findingsOf(incident: Incident): FindingInfo[] {
  const whole: FindingInfo = {
    uid: incident.id,
    title: incident.title,
    desc: incident.story.join('\n'),
    first_seen_time: incident.firstSeen,
    last_seen_time: incident.lastSeen,
    data_sources: [...incident.sources],
    attacks: attacksOf(incident),
    kill_chain: killChainOf(incident),
    attack_graph: graphOf(incident),
    related_events: incident.eventIds.slice(0, MOST_EVENTS).map((uid) => ({ uid })),
    related_events_count: incident.eventIds.length,
  };
  return [whole, ...incident.alertIds.map((uid) => ({ uid }))];
}

const TECHNIQUES = new Map(CLOUD_TECHNIQUES.map((technique) => [technique.id, technique]));

/** Techniques with their sub-techniques, and the tactics that they stand for by themselves. */
function attacksOf({ techniques, tactics }: Incident): Attack[] {
  const byTechnique = techniques.map((id): Attack => {
    const [parent = id] = id.split('.', 1);
    const named = (uid: string) => ({ uid, ...(TECHNIQUES.has(uid) && { name: TECHNIQUES.get(uid)?.name }) });
    return {
      version: ATTACK_VERSION,
      technique: named(parent),
      ...(parent !== id && { sub_technique: named(id) }),
    };
  });
  const byTactic = TACTICS.filter(({ shortName }) => tactics.includes(shortName)).map(({ id, name }): Attack => ({
    version: ATTACK_VERSION,
    tactic: { uid: id, name },
  }));
  return [...byTechnique, ...byTactic];
}

const [RECONNAISSANCE, WEAPONIZATION, DELIVERY, EXPLOITATION, INSTALLATION, COMMAND, OBJECTIVES] = [
  1, 2, 3, 4, 5, 6, 7,
] as const;

/** The phase of the kill chain that each tactic of ATT&CK is nearest to. */
const PHASES: Readonly<Record<TacticName, KillChainPhase['phase_id']>> = {
  reconnaissance: RECONNAISSANCE,
  'resource-development': WEAPONIZATION,
  'initial-access': DELIVERY,
  execution: EXPLOITATION,
  persistence: INSTALLATION,
  'privilege-escalation': INSTALLATION,
  stealth: INSTALLATION,
  'defense-impairment': INSTALLATION,
  'command-and-control': COMMAND,
  'credential-access': OBJECTIVES,
  discovery: OBJECTIVES,
  'lateral-movement': OBJECTIVES,
  collection: OBJECTIVES,
  exfiltration: OBJECTIVES,
  impact: OBJECTIVES,
};

function killChainOf({ tactics }: Incident): KillChainPhase[] {
  const phases = TACTICS.filter(({ shortName }) => tactics.includes(shortName)).map(
    ({ shortName }) => PHASES[shortName],
  );
  return [...new Set(phases)].sort((a, b) => a - b).map((phase_id) => ({ phase_id }));
}

function graphOf({ graph }: Incident): Graph {
  return {
    name: 'Who acted from where, as whom, on what',
    is_directed: true,
    nodes: graph.nodes.map(({ id, label, kind }) => ({ uid: id, name: label, type: kind })),
    edges: graph.edges.map(({ from, to, label, time }) => ({
      source: from,
      target: to,
      name: label,
      is_directed: true,
      data: { time },
    })),
  };
}
