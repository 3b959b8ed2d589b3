import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { coverageOf, type CoverageRule } from './coverage.ts';
import { CLOUD_TECHNIQUES } from '../../timeline/attack/cloud-techniques.ts';
import { navigatorLayer } from './navigator-layer.ts';

const AWS = { product: 'aws', service: 'cloudtrail' };
const color = z.string().regex(/^#[0-9a-f]{6}$/i);

/** What the format's description (LAYERFORMATv4_5.md) says of the properties that are used here; no others may be there. */
const layerFormat = z.strictObject({
  name: z.string(),
  versions: z.strictObject({
    attack: z.string(),
    navigator: z.string().regex(/^(4\.9|4\.\d\d|[5-9])\./, 'at least 4.9.0'),
    layer: z.literal('4.5'),
  }),
  domain: z.enum(['enterprise-attack', 'mobile-attack', 'ics-attack']),
  description: z.string(),
  filters: z.strictObject({ platforms: z.array(z.string()) }),
  layout: z.strictObject({
    layout: z.enum(['side', 'flat', 'mini']),
    showID: z.boolean(),
    showName: z.boolean(),
    expandedSubtechniques: z.enum(['none', 'all', 'annotated']),
  }),
  techniques: z.array(
    z.strictObject({
      techniqueID: z.string().regex(/^T\d{4}(\.\d{3})?$/),
      score: z.number(),
      color,
      comment: z.string(),
    }),
  ),
  legendItems: z.array(z.strictObject({ label: z.string(), color })),
});

const rule = (id: string, techniques: readonly string[], product = 'aws'): CoverageRule => ({
  id,
  title: `The rule ${id}`,
  level: 'high',
  techniques,
  logsource: { product },
});

const layerOf = (rules: readonly CoverageRule[]) =>
  navigatorLayer(
    coverageOf(rules, [
      { logsources: [AWS], connected: true },
      { logsources: [{ product: 'azure' }], connected: false },
    ]),
  );

describe('navigatorLayer', () => {
  it('is a layer as the format describes it, of ATT&CK v19', () => {
    const layer = layerOf([rule('1', ['T1098.001', 'T1005'])]);
    expect(layerFormat.parse(JSON.parse(JSON.stringify(layer)))).toEqual(layer);
    expect(layer.versions.attack).toBe('19');
  });

  it('has each technique once, those without a rule too, and none that ATT&CK does not know', () => {
    const ids = layerOf([rule('1', ['T1098.001', 'T1005', 'T9999'])]).techniques.map(({ techniqueID }) => techniqueID);
    expect(ids).toEqual([...CLOUD_TECHNIQUES.map(({ id }) => id), 'T1005'].sort());
  });

  it('colours, scores and names by rules, as its legend says', () => {
    const rules = [
      rule('1', ['T1098.001', 'T1528']),
      rule('2', ['T1098.001'], 'azure'),
      rule('3', ['T1537'], 'azure'),
      rule('4', ['T1537'], 'gcp'),
    ];
    const { techniques, legendItems } = layerOf(rules);
    const [connected, unconnected, none] = legendItems.map((item) => item.color);
    expect(new Set([connected, unconnected, none]).size).toBe(3);
    const found = (id: string) => techniques.find(({ techniqueID }) => techniqueID === id);
    expect(found('T1098.001')).toEqual({
      techniqueID: 'T1098.001',
      score: 2,
      color: connected,
      comment: 'The rule 1\nThe rule 2 (source not connected)',
    });
    expect(found('T1537')).toMatchObject({
      score: 2,
      color: unconnected,
      comment: 'The rule 3 (source not connected)\nThe rule 4 (no source reads this)',
    });
    expect(found('T1530')).toMatchObject({ score: 0, color: none, comment: '' });
    expect(legendItems.map(({ label }) => label)).toEqual([
      expect.stringContaining('is connected'),
      expect.stringContaining('no source connected'),
      'No rule',
    ]);
  });

  it('names no more rules than a person reads', () => {
    const { techniques } = layerOf(Array.from({ length: 30 }, (_, at) => rule(String(at), ['T1537'])));
    const { comment = '', score } = techniques.find(({ techniqueID }) => techniqueID === 'T1537') ?? {};
    expect(score).toBe(30);
    expect(comment.split('\n')).toHaveLength(26);
    expect(comment).toMatch(/The rule 24\nand 5 more$/);
  });
});
