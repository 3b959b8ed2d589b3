import type { Asset, Exposure } from '../timeline/asset.ts';
import type { AttackPath, IndicatorHit } from '../timeline/context.ts';
import type { VulnerabilityContext, WeighedFinding } from '../timeline/finding.ts';
import type { Activity } from './activity.ts';
import { SECTION_BREAK } from './comment-text.ts';
import type { Enrichment, KnownAddress, RelatedIncident } from './enrichment.ts';
import { headlineOf } from './headline.ts';
import { escaped, htmlTable, lines, list, paragraph, section } from './html.ts';
import type { NamedPrincipal } from './identities.ts';

/** Room for each section, characters; together less than a comment takes, so that every section has its rows whatever the others have. */
const ROOM = {
  who: 2700,
  timeline: 9000,
  incidents: 2000,
  assets: 1500,
  vulnerabilities: 3000,
  addresses: 1200,
  intel: 1600,
  paths: 1500,
  alerts: 1400,
  missing: 1500,
} as const;

/** Room in the cells of a principal: together with its name less than its section has, so that nobody's names hide who it is. */
const CELL = { named: 500, aliases: 1000, standing: 350 } as const;

const MOST_TECHNIQUES = 12;

/**
 * The comment of an incident: the most important first, then who it is, what was done in all clouds, and what is known beside the logs. HTML, as Sentinel shows it:
 * https://learn.microsoft.com/azure/sentinel/investigate-incidents#comment-on-incidents. Says nothing of the present time, so that the same facts make the
 * same comment.
 * @returns fewer than 30,000 characters; whole rows are left out where there is more, and counted
 */
export function commentOf(enrichment: Enrichment): string {
  return [
    section(
      'Crosstrail',
      paragraph(`<b>${escaped(headlineOf(enrichment), 250)}</b>`),
      paragraph(windowText(enrichment)),
    ),
    ...whoSection(enrichment),
    ...timelineSection(enrichment),
    ...incidentSection(enrichment.incidents),
    ...assetSection(enrichment.context.assets),
    ...vulnerabilitySection(enrichment),
    ...addressSection(enrichment.addresses),
    ...intelSection(enrichment.context.hits),
    ...pathSection(enrichment.context.paths),
    ...alertSection(enrichment.otherAlerts),
    ...stepSection(enrichment),
    ...missingSection(enrichment.missing),
  ].join(SECTION_BREAK);
}

const windowText = ({ window: { from, to } }: Enrichment): string =>
  `Looked at ${timeText(from)} to ${timeText(to)} UTC.`;

/** `2026-11-20 09:00:00`, UTC. */
function timeText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().slice(0, 19).replace('T', ' ');
}

const plural = (count: number, one: string, several = `${one}s`): string => `${count} ${count === 1 ? one : several}`;

function whoSection({ principals, unresolved }: Enrichment): string[] {
  if (principals.length === 0 && unresolved.length === 0) return [];
  const rows = principals.map((one) => [
    escaped(one.label, 100),
    lines(
      one.named.map((name) => escaped(name, 80)),
      CELL.named,
    ),
    lines(
      aliasesOf(one).map((key) => escaped(key, 100)),
      CELL.aliases,
    ),
    lines(
      one.standing.map((role) => escaped(role, 60)),
      CELL.standing,
    ),
  ]);
  return [
    section(
      'Who',
      htmlTable(['Principal', 'In this incident', 'Also known as', 'In the directory'], rows, ROOM.who),
      list(
        unresolved.map((text) => escaped(text, 300)),
        ROOM.who / 3,
      ),
    ),
  ];
}

/** All its keys, those of other clouds first; without the name that it is shown by. */
function aliasesOf({ principal, aliases, label }: NamedPrincipal): string[] {
  const others = [principal, ...aliases].filter((key) => key !== `upn:${label}`);
  return [...others.filter((key) => !key.startsWith('entra')), ...others.filter((key) => key.startsWith('entra'))];
}

function timelineSection({ activities: { shown, left } }: Enrichment): string[] {
  if (shown.length === 0) return [section('Timeline', paragraph('Nothing was found in this time.'))];
  const clouds = [...new Set(shown.map(({ where }) => where))];
  const rows = shown.map((activity) => [
    `${timeText(activity.time)}${activity.count > 1 ? ` (${activity.count} times)` : ''}`,
    escaped(activity.where, 20),
    escaped(activity.who, 70),
    `${escaped(activity.what, 80)}${outcomeText(activity)}`,
    escaped(activity.target ?? '', 70),
    escaped(activity.from ?? '', 45),
    activity.signals.map((title) => `<b>${escaped(title, 80)}</b>`).join('<br>'),
  ]);
  const title =
    clouds.length > 1 ? `Timeline across ${clouds.map((cloud) => escaped(cloud, 20)).join(', ')}` : 'Timeline';
  const titles = ['Time (UTC)', 'Where', 'Who', 'What', 'Target', 'From', 'Rules that matched'];
  return [section(title, htmlTable(titles, rows, ROOM.timeline, left))];
}

const outcomeText = ({ outcome }: Activity): string => (outcome === 'failure' ? ' (failed)' : '');

function incidentSection(incidents: readonly RelatedIncident[]): string[] {
  if (incidents.length === 0) return [];
  const rows = incidents.map(({ incident, state, shares }) => [
    `<b>${escaped(incident.title, 160)}</b>`,
    `${incident.severity}, score ${incident.score}, ${escaped(state, 20)}`,
    `${timeText(incident.firstSeen)} to ${timeText(incident.lastSeen)}`,
    incident.techniques
      .slice(0, MOST_TECHNIQUES)
      .map((id) => escaped(id, 12))
      .join(', '),
    `the same ${shares}`,
    escaped(incident.id, 60),
  ]);
  return [
    section(
      'Incidents of Crosstrail',
      htmlTable(['Incident', 'How bad', 'When (UTC)', 'ATT&amp;CK', 'Shares', 'Id'], rows, ROOM.incidents),
    ),
  ];
}

function assetSection(assets: readonly Asset[]): string[] {
  if (assets.length === 0) return [];
  const rows = assets.map(({ name, key, environment, owner, importance, dataClass, exposure, exposedBy }) => [
    escaped(name ?? key, 80),
    escaped(environment ?? '', 30),
    escaped(owner ?? '', 60),
    importance === undefined ? '' : String(Math.round(importance * 100) / 100),
    dataClass ?? '',
    `${EXPOSURES[exposure]}${exposedBy === undefined ? '' : `: ${escaped(exposedBy, 80)}`}`,
  ]);
  const titles = ['Asset', 'Environment', 'Owner', 'Importance (0 to 1)', 'Data', 'Reachable from'];
  return [section('Assets', htmlTable(titles, rows, ROOM.assets))];
}

const EXPOSURES: Readonly<Record<Exposure, string>> = {
  internet: 'the internet',
  internal: 'inside only',
  unknown: 'not known',
};

function addressSection(addresses: readonly KnownAddress[]): string[] {
  if (addresses.length === 0) return [];
  const items = addresses.map(({ address, known }) => {
    const { own, provider, organization, asn, city, country } = known;
    const parts = [
      own === true ? 'of your own networks' : undefined,
      provider,
      asn === undefined ? organization : `AS${asn}${organization === undefined ? '' : ` ${organization}`}`,
      [city, country].filter((part) => part !== undefined).join(', ') || undefined,
    ];
    return `${escaped(address, 45)}: ${escaped(parts.filter((part) => part !== undefined).join('; '), 160)}`;
  });
  return [section('Addresses', list(items, ROOM.addresses))];
}

function vulnerabilitySection({ vulnerabilities, context: { findings, assets } }: Enrichment): string[] {
  if (vulnerabilities.length === 0 && findings.length === 0) return [];
  const found = findings.map((one) => [
    `<b>${one.priority}</b>`,
    escaped(one.finding.cves[0] ?? one.finding.title, 80),
    escaped(
      assets.find(({ key }) => key === one.finding.asset)?.name ?? one.finding.assetLabel ?? one.finding.asset,
      80,
    ),
    escaped(findingText(one), 300),
  ]);
  return [
    section(
      'Vulnerabilities',
      list(
        vulnerabilities.map((one) => escaped(vulnerabilityText(one), 300)),
        ROOM.vulnerabilities / 3,
      ),
      htmlTable(['To do', 'What', 'Asset', 'Why'], found, (ROOM.vulnerabilities * 2) / 3),
    ),
  ];
}

const findingText = ({ reasons, finding }: WeighedFinding): string =>
  `${reasons.slice(0, 4).join('; ')}${finding.fix === undefined ? '' : `; mended by ${finding.fix}`}`;

/** What feeds say of a vulnerability that the alerts name. */
function vulnerabilityText({ cve, kev, epss }: VulnerabilityContext): string {
  const listed =
    kev === undefined
      ? []
      : [
          `listed by CISA as exploited since ${kev.dateAdded || 'an unknown day'}`,
          ...(kev.ransomware ? ['used by ransomware'] : []),
          ...(kev.dueDate === '' ? [] : [`due ${kev.dueDate}`]),
        ];
  const scored =
    epss === undefined
      ? []
      : [
          `EPSS ${(epss.probability * 100).toFixed(1)} %, higher than ${(epss.percentile * 100).toFixed(0)} % of all (model ${epss.model})`,
        ];
  const said = [...listed, ...scored];
  return `${cve}: ${said.length === 0 ? 'neither listed by CISA nor scored by EPSS, as far as is known' : said.join(', ')}`;
}

function intelSection(hits: readonly IndicatorHit[]): string[] {
  if (hits.length === 0) return [];
  const items = hits.map(({ indicator, key }) => {
    const value = key.slice(key.indexOf(':') + 1);
    const until = indicator.validUntil === undefined ? '' : ` until ${timeText(indicator.validUntil).slice(0, 10)}`;
    const sure = indicator.confidence === undefined ? '' : `, confidence ${indicator.confidence}`;
    const within = value === indicator.value ? '' : ` (${escaped(indicator.value, 60)})`;
    const about = [indicator.description, ...indicator.labels].filter((text) => text !== undefined).join(', ');
    return `${escaped(value, 80)}${within}: ${escaped(indicator.source, 60)}${until}${sure}${about === '' ? '' : `: ${escaped(about, 200)}`}`;
  });
  return [section('Threat intelligence', list(items, ROOM.intel))];
}

function pathSection(paths: readonly AttackPath[]): string[] {
  if (paths.length === 0) return [];
  const items = paths.map(({ steps, blastRadius, reaches, seen }) => {
    const way = steps.map(({ label }) => escaped(label, 60)).join(' &rarr; ');
    return `${way} (blast radius ${blastRadius}, reaches ${plural(reaches, 'asset')}${seen ? ', <b>this incident is on it</b>' : ''})`;
  });
  return [section('Attack paths', list(items, ROOM.paths))];
}

function alertSection(alerts: readonly Activity[]): string[] {
  if (alerts.length === 0) return [];
  const items = alerts.map(
    ({ time, what, target, who }) =>
      `${timeText(time)} ${escaped(what, 120)} (${[target, who]
        .filter((text) => text !== undefined)
        .map((text) => escaped(text, 60))
        .join(', ')})`,
  );
  return [section('Other alerts that name the same', list(items, ROOM.alerts))];
}

function stepSection({ steps }: Enrichment): string[] {
  if (steps.length === 0) return [];
  return [
    section(
      'Suggested next steps',
      list(
        steps.map(({ title }) => escaped(title)),
        1500,
      ),
    ),
  ];
}

function missingSection(missing: readonly string[]): string[] {
  if (missing.length === 0) return [];
  return [
    section(
      'What could not be asked',
      list(
        missing.map((text) => escaped(text, 300)),
        ROOM.missing,
      ),
    ),
  ];
}
