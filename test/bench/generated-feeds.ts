import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { corpus } from '../corpus.ts';

/** Feeds as they are published: real ones where the corpus is there, otherwise invented ones of the same size. */
export function benchFeeds(): { readonly name: string; readonly kev: Uint8Array; readonly epss: Uint8Array } {
  const folder = corpus('threat-intel');
  if (folder === undefined) {
    return { name: 'invented feeds (the corpus is absent)', kev: inventedKev(1700), epss: inventedEpss(313_000) };
  }
  return {
    name: 'feeds of the corpus',
    kev: readFileSync(`${folder}/known_exploited_vulnerabilities.json`),
    epss: readFileSync(`${folder}/epss_scores.csv.gz`),
  };
}

/** So many of one year, as there are some tens of thousands a year. */
const A_YEAR = 20_000;

const cveAt = (at: number): string =>
  `CVE-${2010 + Math.floor(at / A_YEAR)}-${String(1000 + (at % A_YEAR)).padStart(4, '0')}`;

function inventedKev(entries: number): Uint8Array {
  const text = 'An invented description of what is wrong, as long as they are. '.repeat(8);
  const vulnerabilities = Array.from({ length: entries }, (_, at) => ({
    cveID: cveAt(at * 97),
    vendorProject: 'Fabrikam',
    product: 'Gateway',
    vulnerabilityName: `Fabrikam Gateway Vulnerability ${at}`,
    dateAdded: '2026-01-01',
    shortDescription: text,
    requiredAction: text,
    dueDate: '2026-01-22',
    knownRansomwareCampaignUse: at % 5 === 0 ? 'Known' : 'Unknown',
    notes: '',
    cwes: ['CWE-77'],
  }));
  return Buffer.from(JSON.stringify({ catalogVersion: '2026.11.21', vulnerabilities }));
}

function inventedEpss(rows: number): Uint8Array {
  const lines = Array.from({ length: rows }, (_, at) => {
    const probability = ((at * 7919) % 100_000) / 100_000;
    return `${cveAt(at)},${probability.toFixed(5)},${((at * 104_729) % 100_000) / 100_000}\n`;
  });
  const head = '#model_version:v2026.01.01,score_date:2026-11-21T00:00:00Z\ncve,epss,percentile\n';
  return gzipSync(head + lines.join(''));
}
