import { Option, type Command } from 'commander';
import { incidentFinding } from '../../../pipeline/incidents/incident-finding.ts';
import { INCIDENT_STATES, type IncidentState } from '../../../pipeline/incidents/incident-state.ts';
import { IncidentStore } from '../../../pipeline/incidents/incident-store.ts';
import { connectStorage, dataOption } from '../../connection.ts';
import { incidentTable } from '../../incidents/incident-table.ts';
import { keptLine } from '../../incidents/kept-line.ts';
import { writer } from '../../output.ts';
import { UnusableInputError } from '../../scan/files.ts';
import { sinceOption } from '../../time-option.ts';

interface Options {
  readonly data: string;
  readonly state?: IncidentState;
  readonly since?: string;
  readonly limit: number;
  readonly format: 'table' | 'ndjson' | 'ocsf';
}

/** `crosstrail incidents list` */
export function listCommand(incidents: Command): void {
  incidents
    .command('list')
    .description('incidents that stand, those with the latest events first')
    .addOption(dataOption())
    .addOption(new Option('--state <state>', 'only those that stand so').choices(INCIDENT_STATES))
    .option(
      '--since <time>',
      'only those with events from this time on (UTC unless it says otherwise), or of a span such as 7d until now',
    )
    .option('--limit <n>', 'at most this many', (text) => Number.parseInt(text, 10), 50)
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson', 'ocsf']).default('table'))
    .action(list);
}

async function list({ data, state, since, limit, format }: Options): Promise<void> {
  if (!(limit >= 1)) throw new UnusableInputError('--limit: expected a whole number from 1');
  const from = since === undefined ? undefined : sinceOption(since);
  const store = new IncidentStore((await connectStorage(data)).tables);
  const found = await Array.fromAsync(store.list({ state, since: from, limit }));
  const out = writer(process.stdout);
  if (format === 'ocsf') for (const kept of found) out.line(JSON.stringify(incidentFinding(kept.incident, kept)));
  else if (format === 'ndjson') for (const kept of found) out.line(JSON.stringify(keptLine(kept)));
  else out.line(found.length === 0 ? 'no incidents' : incidentTable(found));
  await out.end();
}
