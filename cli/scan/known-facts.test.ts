import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_INVENTORY } from '../../local/demo/inventory.ts';
import { demoStory } from '../../local/demo/story.ts';
import { builtinRules } from '../../pipeline/detection/builtin.ts';
import { loadRules } from '../../pipeline/detection/loading/load.ts';
import type { RuleSet } from '../../pipeline/detection/matching/rule-set.ts';
import { AssetInventory } from '../../pipeline/enrichment/assets/asset-inventory.ts';
import { parseKev } from '../../pipeline/enrichment/kev.ts';
import { knowledgeOf, type KnowledgeParts } from '../../pipeline/enrichment/knowledge.ts';
import { ndjsonFormat, tableFormat } from './formats.ts';
import { scan } from './scan.ts';

const listed = { cveID: 'CVE-2025-55182', vulnerabilityName: 'React', knownRansomwareCampaignUse: 'Known' };
const kev = parseKev(Buffer.from(JSON.stringify({ catalogVersion: '2026.11.20', vulnerabilities: [listed] })));
const assets = new AssetInventory([DEMO_INVENTORY]);

let folder: string;
let files: string[];
let rules: RuleSet;
beforeAll(async () => {
  rules = await loadRules([builtinRules()]);
  folder = mkdtempSync(join(tmpdir(), 'known-facts-'));
  const story = Map.groupBy(demoStory(Date.UTC(2026, 10, 20, 12)), ({ hub }) => hub);
  files = [...story].map(([hub, records]) => {
    const file = join(folder, `${hub}.json`);
    writeFileSync(file, JSON.stringify(records.map(({ record }) => record)));
    return file;
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

const scanned = (parts: KnowledgeParts) => scan(files, rules, {}, { knowledge: knowledgeOf(parts) });

describe('what is known beside the logs of a scan', () => {
  it('is said first of an attack on what is exploited and public, and ranks it above what is grave and internal', async () => {
    const { incidents, weaknesses } = await scanned({ kev, assets });
    expect(incidents[0]?.context?.headline).toBe(
      'cluster shop (production, owned by shop team) can be reached from the internet by ingress shop.contoso.example and has CVE-2025-55182 in contoso.azurecr.example/shop/web, which CISA knows to be exploited, also by ransomware campaigns',
    );
    expect(incidents[0]?.context?.paths[0]?.steps.map(({ label }) => label)).toEqual([
      'internet',
      'cluster shop',
      'identity of cluster shop',
      'key vault kv-shop',
    ]);
    expect(weaknesses.map(({ finding, priority }) => [finding.cves[0], priority])).toEqual([
      ['CVE-2025-55182', 'act'],
      ['CVE-2024-21626', 'track'],
    ]);
  });

  it('changes nothing where nothing is known, whatever the order of the files', async () => {
    const [{ incidents }, backwards] = [
      await scanned({}),
      await scan(files.toReversed(), rules, {}, { knowledge: knowledgeOf({}) }),
    ];
    expect(incidents[0]?.context).toMatchObject({ assets: [], findings: [], hits: [] });
    expect(incidents[0]?.context).not.toHaveProperty('headline');
    expect(backwards.incidents.map(({ id, score }) => [id, score])).toEqual(
      incidents.map(({ id, score }) => [id, score]),
    );
  });

  it('is told in each format', async () => {
    const lines: string[] = [];
    const result = await scanned({ kev, assets });
    ndjsonFormat((line) => lines.push(line)).finish(result, rules);
    const told = lines.map((line) => JSON.parse(line) as { type: string; priority?: string; headline?: string });
    expect(told.filter(({ type }) => type === 'finding').map(({ priority }) => priority)).toEqual(['act', 'track']);
    expect(told.find(({ type }) => type === 'incident')?.headline).toContain('CVE-2025-55182');
    const text: string[] = [];
    tableFormat((line) => text.push(line)).finish(result, rules);
    expect(text.join('\n')).toMatch(/Findings: 1 to act, 1 to track/);
  });
});
