import type { Metrics } from '../../platform/metrics.ts';
import type { KeptAlert } from '../timeline/alert.ts';

/** The alerts that there are. */
export interface KeptAlerts {
  get(id: string): Promise<KeptAlert | undefined>;
  /** Notes that a person has been told. */
  markNotified(id: string): Promise<void>;
}

/** Tells a person of an alert. Must bear being called again with the same alert: a crash can come between telling and noting it. */
export interface Notifier {
  notify(alert: KeptAlert): Promise<void>;
}

/**
 * Tells of one alert, once: an alert of which somebody was told already is passed over, and so is one that is only counted (decision
 * `monitor`), which may be announced again when it has escalated.
 * @param id as it came from the alert queue; one that names no alert is passed over
 */
export async function notify(
  id: string,
  ports: { readonly alerts: KeptAlerts; readonly notifier: Notifier; readonly metrics: Metrics },
): Promise<void> {
  const alert = await ports.alerts.get(id);
  if (alert === undefined || alert.notified || alert.decision === 'monitor') return;
  await ports.notifier.notify(alert);
  await ports.alerts.markNotified(id);
  ports.metrics.count('notified', 1, { level: alert.severity });
}
