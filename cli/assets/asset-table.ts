import type { Asset } from '../../pipeline/timeline/asset.ts';
import { lastNameOf } from '../../pipeline/enrichment/assets/asset-key.ts';
import { styled, table } from '../terminal.ts';

/** How important an asset is, for people; empty where nobody said. */
export const importanceText = ({ importance }: Asset): string => importance?.toFixed(2) ?? '';

/** Assets for people, a line each. */
export const assetTable = (assets: readonly Asset[]): string =>
  table(assets, [
    { title: 'IMPORTANCE', cell: importanceText, right: true },
    { title: 'EXPOSURE', cell: ({ exposure }) => exposure, style: styledExposure },
    { title: 'KIND', cell: ({ kind }) => kind },
    { title: 'NAME', cell: ({ name, key }) => name ?? lastNameOf(key), max: 40 },
    { title: 'OWNER', cell: ({ owner }) => owner ?? '', max: 40 },
    { title: 'ENVIRONMENT', cell: ({ environment }) => environment ?? '', max: 20 },
    { title: 'DATA', cell: ({ dataClass }) => dataClass ?? '' },
    { title: 'KEY', cell: ({ key }) => key, max: 200 },
    { title: 'FROM', cell: ({ sources }) => sources.join(', '), max: 40 },
  ]);

/** Text in the colour of an exposure. */
export function styledExposure({ exposure }: Asset, text: string): string {
  return exposure === 'internet' ? styled('red', text) : exposure === 'unknown' ? styled('dim', text) : text;
}
