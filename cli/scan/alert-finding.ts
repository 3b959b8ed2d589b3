import type { DetectionFinding } from '../../pipeline/timeline/ocsf/types.ts';
import type { Level } from '../../pipeline/timeline/signal.ts';
import type { ScanAlert } from './raised-alerts.ts';

const SEVERITY = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 } as const satisfies Record<Level, number>;

/** An alert as an OCSF Detection Finding (class 2004). Its `time` is the first event's, so that the same input gives the same output. */
export function alertFinding(alert: ScanAlert): DetectionFinding {
  return {
    category_uid: 2,
    class_uid: 2004,
    activity_id: 1,
    type_uid: 200401,
    severity_id: SEVERITY[alert.severity],
    time: alert.firstSeen,
    start_time: alert.firstSeen,
    end_time: alert.lastSeen,
    count: alert.count,
    metadata: { version: '1.8.0', product: { name: 'Crosstrail', vendor_name: 'Crosstrail' }, uid: alert.id },
    finding_info: {
      uid: alert.id,
      title: alert.rule.title,
      first_seen_time: alert.firstSeen,
      last_seen_time: alert.lastSeen,
      analytic: { type_id: 1, uid: alert.rule.id, name: alert.rule.title },
      attacks: alert.techniques.map((uid) => ({ technique: { uid } })),
      related_events: alert.eventIds.slice(0, 1000).map((uid) => ({ uid })),
    },
    unmapped: { decision: alert.decision, principals: [...alert.principals], group: { ...alert.group } },
  };
}
