import type { BindingSettings } from '../../platform/configuration/response.ts';
import type { Incident } from '../timeline/incident.ts';
import { LEVELS } from '../timeline/signal.ts';

/** What a binding asks that the incident itself does not say. */
export interface BindingFacts {
  /** Ids of the rules of its alerts. */
  readonly rules: readonly string[];
}

/** Whether an incident is as a binding wants it: every condition that is given holds, and of a list one member. */
export function isBound({ when }: BindingSettings, incident: Incident, { rules }: BindingFacts): boolean {
  const assets = incident.context?.assets ?? [];
  const touched = [...assets.map(({ key }) => key), ...incident.graph.nodes.map(({ id }) => id)];
  const oneOf = (wanted: readonly string[] | undefined, has: (one: string) => boolean): boolean =>
    wanted === undefined || wanted.some(has);
  return (
    (when.severity === undefined || LEVELS.indexOf(incident.severity) >= LEVELS.indexOf(when.severity)) &&
    (when.score === undefined || incident.score >= when.score) &&
    oneOf(when.decision, (decision) => decision === incident.decision) &&
    oneOf(when.techniques, (id) => incident.techniques.some((one) => one === id || one.startsWith(`${id}.`))) &&
    oneOf(when.rules, (rule) => rules.includes(rule)) &&
    oneOf(when.clouds, (cloud) => incident.clouds.some((one) => one.toLowerCase() === cloud.toLowerCase())) &&
    oneOf(when.environments, (name) => assets.some(({ environment }) => environment === name)) &&
    oneOf(when.assets, (pattern) => touched.some((key) => isMeant(pattern, key)))
  );
}

/** @param pattern a key, or the beginning of keys with an asterisk after it; ARM ids compare without case */
function isMeant(pattern: string, key: string): boolean {
  const wanted = pattern.startsWith('arm:') ? pattern.toLowerCase() : pattern;
  return wanted.endsWith('*') ? key.startsWith(wanted.slice(0, -1)) : key === wanted;
}
