import type { AssetInventory } from '../../pipeline/enrichment/assets/asset-inventory.ts';
import type { Asset, Grant } from '../../pipeline/timeline/asset.ts';
import { printable, styled, table } from '../terminal.ts';
import { importanceText, styledExposure } from './asset-table.ts';

const MOST_SHOWN = 20;

/**
 * One asset for people, on several lines.
 * @param asked the key that was asked for, which may lie within the asset
 * @param rights of the identities that it can act as
 */
export function assetPage(asset: Asset, asked: string, rights: readonly Grant[], inventory: AssetInventory): string {
  const { key, kind, name, owner, environment, dataClass, exposure, exposedBy, identities, behind, sources } = asset;
  const why = exposedBy === undefined ? '' : `: ${exposedBy}`;
  const facts = [
    ['asset', name === undefined ? key : `${name}  ${key}`],
    ['kind', kind],
    ['owner', owner],
    ['environment', environment],
    ['importance', importanceText(asset)],
    ['data', dataClass],
    ['known from', sources.join(', ')],
  ] as const;
  const within = inventory.within(key, MOST_SHOWN + 2).filter((each) => each.key !== key);
  const before = inventory.behind(key);
  return [
    ...(asked.includes(':') && asked !== key ? [`${printable(asked)} lies within`] : []),
    ...facts.flatMap(([title, text]) =>
      text === undefined || text === '' ? [] : [`${title.padEnd(12)} ${printable(text)}`],
    ),
    `${'exposure'.padEnd(12)} ${styledExposure(asset, printable(`${exposure}${why}`))}`,
    ...listed('behind', behind),
    ...listed('can act as', identities),
    ...(rights.length === 0 ? [] : [`\n${styled('bold', 'which may')}`, grantTable(rights)]),
    ...listed('stands before', before.map(labelOf)),
    ...listed('within it', within.map(labelOf)),
  ].join('\n');
}

const labelOf = ({ name, key }: Asset): string => (name === undefined ? key : `${name}  ${key}`);

function listed(title: string, texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  const more = texts.length > MOST_SHOWN ? [`  and ${texts.length - MOST_SHOWN} more`] : [];
  return [`\n${styled('bold', title)}`, ...texts.slice(0, MOST_SHOWN).map((text) => `  ${printable(text)}`), ...more];
}

const grantTable = (rights: readonly Grant[]): string =>
  table(rights.slice(0, MOST_SHOWN), [
    { title: 'ROLE', cell: ({ role }) => role, max: 60 },
    { title: 'ON', cell: ({ scope }) => scope, max: 160 },
    { title: 'AS', cell: ({ principal }) => principal, max: 120 },
  ]);
