import type { SourceId } from '../timeline/event.ts';

/** The cloud, or part of one, that records of a source tell of. */
export const CLOUDS: Readonly<Record<SourceId, string | undefined>> = {
  'azure-activity': 'Azure',
  entra: 'Microsoft Entra',
  'aks-audit': 'Kubernetes',
  cloudtrail: 'AWS',
  defender: 'Azure',
  'security-hub': 'AWS',
  github: 'GitHub',
  sarif: undefined,
  trivy: undefined,
  crosstrail: undefined,
  json: undefined,
};

/** The clouds of sources, each once, in the order of the sources. */
export function cloudsOf(sources: Iterable<SourceId>): string[] {
  return [...new Set([...sources].map((source) => CLOUDS[source]).filter((cloud) => cloud !== undefined))];
}
