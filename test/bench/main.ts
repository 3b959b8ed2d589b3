/** `npm run bench [-- <file>]`: prints what is hot as ratios within one run, and writes the same as JSON (default: bench.json). */
import { writeFileSync } from 'node:fs';
import { benchCorrelation } from './correlation.ts';
import { benchEdition } from './edition.ts';
import { benchEnrichment } from './enrichment.ts';
import { benchFindings } from './findings.ts';
import { benchMatching } from './matching.ts';
import { benchPipeline } from './pipeline.ts';
import { benchRecovery } from './recovery.ts';
import { benchResponse } from './response.ts';
import { benchSentinel } from './sentinel.ts';
import type { Rate } from './rates.ts';

const say = (text: string) => void process.stdout.write(`${text}\n`);
const file = process.argv[2] ?? 'bench.json';

const sayRates = (rates: readonly Rate[]): void => {
  for (const { name, eventsPerSecond, ofJsonParse } of rates) {
    say(
      `  ${name.padEnd(60)} ${String(eventsPerSecond).padStart(8)} events/s  ${ofJsonParse.toFixed(3)} of JSON.parse`,
    );
  }
};

const pipeline = await benchPipeline();
say(`${pipeline.input}: ${pipeline.records} records`);
sayRates(pipeline.rates);

const matching = await benchMatching();
say(`${matching.input}: rules`);
sayRates(matching.rates);
say(`  to load 1,000 rules`.padEnd(52) + ` ${String(matching.loadMillisecondsPer1000Rules).padStart(8)} ms`);

const enrichment = benchEnrichment();
say(`enrichment, with ${enrichment.input}`);
for (const { name, perSecond } of enrichment.lookups) {
  say(`  looked up: ${name}`.padEnd(52) + ` ${String(perSecond).padStart(8)} a second`);
}
for (const { name, bytes, milliseconds } of enrichment.held) {
  say(`  in memory: ${name}`.padEnd(52) + ` ${(bytes / 1e6).toFixed(1).padStart(8)} MB, read in ${milliseconds} ms`);
}

const findings = benchFindings();
say(`${findings.findings} findings, an inventory of ${findings.assets}`);
say(`  findings weighed`.padEnd(52) + ` ${String(findings.weighedPerSecond).padStart(8)} a second`);
say(`  attack paths of an incident`.padEnd(52) + ` ${findings.attackPathsMilliseconds.toFixed(1).padStart(8)} ms`);

const correlation = benchCorrelation();
say(`correlation rules: ${correlation.events} matches, a thousand at a time`);
sayRates(correlation.rates);
say(
  `  held of each of a million groups of one match`.padEnd(52) +
    ` ${String(correlation.bytesPerKey).padStart(8)} bytes`,
);

const recovery = await benchRecovery();
say('correlation state on Azurite');
say(`  observations kept`.padEnd(52) + ` ${String(recovery.keptPerSecond).padStart(8)} a second`);
say(`  taking over ${recovery.keys} keys`.padEnd(52) + ` ${recovery.recoverySeconds.toFixed(1).padStart(8)} s`);

const sentinel = await benchSentinel();
say(`Sentinel: an incident with ${sentinel.entities} entities, answers after ${sentinel.latency} ms`);
say(`  enriched, in ${sentinel.calls} calls`.padEnd(52) + ` ${sentinel.seconds.toFixed(2).padStart(8)} s`);

const edition = await benchEdition();
say('local edition, from send to stored');
say(
  `  ${edition.events} events, ten a message`.padEnd(52) +
    ` ${String(edition.storedEventsPerSecond).padStart(8)} events/s`,
);
say('local edition, from send to a person told');
for (const { eventsPerSecond, alerts, p50, p99 } of edition.alertLatency) {
  say(`  at ${eventsPerSecond} events/s, ${alerts} alerts`.padEnd(52) + ` p50 ${p50} ms, p99 ${p99} ms`);
}

const response = await benchResponse();
say('local edition, from an alert to a block that is in effect by itself');
for (const { incidentsPerSecond, incidents, p50, p99 } of response) {
  say(`  at ${incidentsPerSecond} incidents/s, ${incidents} incidents`.padEnd(52) + ` p50 ${p50} ms, p99 ${p99} ms`);
}

writeFileSync(
  file,
  `${JSON.stringify({ node: process.version, pipeline, matching, enrichment, findings, correlation, recovery, sentinel, edition, response }, undefined, 2)}\n`,
);
process.exit(0);
