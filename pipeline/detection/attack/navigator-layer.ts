import type { Coverage, CoveredTechnique, CoverageStatus } from './coverage.ts';
import { ENTERPRISE_IDS } from './enterprise-ids.ts';
import { ATTACK_VERSION } from '../../timeline/attack/tactics.ts';

/** A layer of ATT&CK Navigator, as far as coverage needs it. */
export interface NavigatorLayer {
  readonly name: string;
  readonly versions: { readonly attack: string; readonly navigator: string; readonly layer: string };
  readonly domain: 'enterprise-attack';
  readonly description: string;
  readonly filters: { readonly platforms: readonly string[] };
  readonly layout: {
    readonly layout: 'side';
    readonly showID: boolean;
    readonly showName: boolean;
    readonly expandedSubtechniques: 'annotated';
  };
  readonly techniques: readonly {
    readonly techniqueID: string;
    readonly score: number;
    readonly color: string;
    readonly comment: string;
  }[];
  readonly legendItems: readonly { readonly label: string; readonly color: string }[];
}

const LOOKS: Readonly<Record<CoverageStatus, { readonly label: string; readonly color: string }>> = {
  connected: { label: 'A rule, and its source is connected', color: '#74c476' },
  'not-connected': { label: 'A rule, and no source connected for it', color: '#fdd049' },
  'no-rule': { label: 'No rule', color: '#e0e0e0' },
};

/** More rules than this are counted, not named. */
const MAX_RULES_NAMED = 25;

/**
 * Coverage as a layer of ATT&CK Navigator, which shows it on the cloud platforms' part of the matrix: a colour for each technique's
 * status, the number of its rules as its score, and their titles as its comment. Techniques that ATT&CK does not know are left out.
 * Source: layer format 4.5, https://github.com/mitre-attack/attack-navigator/blob/master/layers/LAYERFORMATv4_5.md
 */
export function navigatorLayer({ techniques, counts }: Coverage): NavigatorLayer {
  return {
    name: 'Crosstrail coverage',
    versions: { attack: ATTACK_VERSION, navigator: '5.1.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description:
      `Techniques of the cloud platforms: ${counts.connected} with a rule whose source is connected, ` +
      `${counts['not-connected']} with a rule whose source is not, ${counts['no-rule']} without a rule. The score is the number of rules.`,
    filters: { platforms: ['IaaS', 'SaaS', 'Identity Provider', 'Office Suite', 'Containers'] },
    layout: { layout: 'side', showID: true, showName: true, expandedSubtechniques: 'annotated' },
    techniques: techniques
      .filter(({ id }) => ENTERPRISE_IDS.has(id))
      .map((technique) => ({
        techniqueID: technique.id,
        score: technique.rules.length,
        color: LOOKS[technique.status].color,
        comment: commentOn(technique),
      })),
    legendItems: Object.values(LOOKS),
  };
}

function commentOn({ rules }: CoveredTechnique): string {
  const named = rules
    .slice(0, MAX_RULES_NAMED)
    .map(({ title, source }) => (source === 'connected' ? title : `${title} (${SOURCE_NOTES[source]})`));
  if (rules.length > MAX_RULES_NAMED) named.push(`and ${rules.length - MAX_RULES_NAMED} more`);
  return named.join('\n');
}

const SOURCE_NOTES = { 'not-connected': 'source not connected', 'no-source': 'no source reads this' } as const;
