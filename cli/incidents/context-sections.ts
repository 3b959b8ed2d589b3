import { hitText, pathText } from '../../pipeline/incidents/with-facts.ts';
import type { Asset } from '../../pipeline/timeline/asset.ts';
import type { AttackPath } from '../../pipeline/timeline/context.ts';
import type { WeighedFinding } from '../../pipeline/timeline/finding.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';
import { section } from './section.ts';

/** What is known of what an incident touches, as parts of its page. */
export function contextSections({ context, decision }: Incident): string[] {
  if (context === undefined) return [];
  const { assets, findings, hits, paths, missing, decidedBy } = context;
  return [
    ...section('what is to be done', decidedBy === undefined ? [] : [decidedBy], (why) => [`${decision}: ${why}`]),
    ...section('what it touches', assets, (asset) => [assetLine(asset)]),
    ...section('what is weak there', findings, findingLines),
    ...section('known attackers', hits, (hit) => [hitText(hit)]),
    ...section('ways from the internet to data', paths, pathLines),
    ...section('not known yet, and asked again', missing, (what) => [what]),
  ];
}

function assetLine({ key, name, environment, owner, importance, dataClass, exposure, exposedBy }: Asset): string {
  const facts = [
    environment,
    owner === undefined ? undefined : `owned by ${owner}`,
    importance === undefined ? undefined : `importance ${importance}`,
    dataClass === undefined ? undefined : `${dataClass} data`,
    exposure === 'unknown' ? undefined : `${exposure}${exposedBy === undefined ? '' : ` (${exposedBy})`}`,
  ].filter((fact) => fact !== undefined);
  return `${name ?? key}${facts.length === 0 ? '' : `: ${facts.join(', ')}`}${name === undefined ? '' : `  ${key}`}`;
}

const findingLines = ({ finding, priority, reasons }: WeighedFinding): string[] => [
  `${priority.padEnd(6)}  ${finding.cves.length === 0 ? '' : `${finding.cves.join(' ')}  `}${finding.title}`,
  `        in ${finding.assetLabel ?? finding.asset}${finding.subject === undefined ? '' : `, ${finding.subject}`}: ${reasons.join('; ')}`,
];

const pathLines = (path: AttackPath): string[] => [
  `blast radius ${path.blastRadius}  ${pathText(path)}${path.seen ? '  (seen in this incident)' : ''}`,
  ...path.steps.map(({ label, how }) => `        ${label} ${how}`),
];
