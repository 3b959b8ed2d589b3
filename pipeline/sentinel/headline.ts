import type { VulnerabilityContext } from '../timeline/finding.ts';
import type { Enrichment } from './enrichment.ts';

/** What is to be said of an incident before all else, in one sentence; plain text with outside data in it. */
export function headlineOf({ context, vulnerabilities, incidents, principals, activities }: Enrichment): string {
  if (context.headline !== undefined) return `${capital(context.headline)}.`;
  const exploited = vulnerabilities.find(({ kev }) => kev !== undefined);
  if (exploited !== undefined) return exploitedText(exploited);
  const [related, ...others] = incidents;
  if (related !== undefined) {
    const more = others.length === 0 ? '' : `, and ${others.length} more of Crosstrail's incidents`;
    return `It belongs to “${related.incident.title}” (${related.incident.severity}, score ${related.incident.score})${more}.`;
  }
  const across = principals.find(({ keys }) => cloudsOfKeys(keys).length > 1);
  if (across !== undefined) {
    const clouds = cloudsOfKeys(across.keys).join(' and ');
    const rules = activities.shown.filter(({ signals }) => signals.length > 0).length;
    return `${across.label} acts in ${clouds}; rules matched in ${rules} of the activities below.`;
  }
  return 'Nothing that Crosstrail knows makes it more urgent.';
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

function exploitedText({ cve, kev }: VulnerabilityContext): string {
  const ransomware = kev?.ransomware === true ? ', also by ransomware campaigns' : '';
  return `Its alerts name ${cve}, which CISA knows to be exploited${ransomware}.`;
}

const CLOUDS: readonly { readonly cloud: string; readonly prefixes: RegExp }[] = [
  { cloud: 'Entra', prefixes: /^(?:entra-user|entra-sp|upn):/ },
  { cloud: 'AWS', prefixes: /^aws(?:-\w+)?:/ },
  { cloud: 'Kubernetes', prefixes: /^k8s-user:/ },
  { cloud: 'GitHub', prefixes: /^github-user:/ },
];

/** The clouds that keys of one principal are of. */
export const cloudsOfKeys = (keys: readonly string[]): string[] =>
  CLOUDS.filter(({ prefixes }) => keys.some((key) => prefixes.test(key))).map(({ cloud }) => cloud);
