import { Option, type Command } from 'commander';
import { AlertStore } from '../../../pipeline/incidents/alert-store.ts';
import { incidentFinding } from '../../../pipeline/incidents/incident-finding.ts';
import { IncidentStore, type KeptIncident } from '../../../pipeline/incidents/incident-store.ts';
import { ResponseStore } from '../../../pipeline/response/response-store.ts';
import type { Response } from '../../../pipeline/response/response.ts';
import { inParallel } from '../../../pipeline/timeline/store/parallel.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { Tables } from '../../../platform/storage/ports.ts';
import { connectStorage, dataOption } from '../../connection.ts';
import { findIncident } from '../../incidents/find-incident.ts';
import { incidentPage } from '../../incidents/incident-page.ts';
import { wholeLine } from '../../incidents/kept-line.ts';
import { writer } from '../../output.ts';

const AT_ONCE = 16;

interface Options {
  readonly data: string;
  readonly format: 'table' | 'ndjson' | 'ocsf';
}

/** `crosstrail incidents show <id>` */
export function showCommand(incidents: Command): void {
  incidents
    .command('show')
    .description(
      'one incident: who, what happened step by step, why it is one and why it matters, what is done about it, who decided what',
    )
    .argument('<id>', 'its id, or the beginning of it')
    .addOption(dataOption())
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson', 'ocsf']).default('table'))
    .action(show);
}

async function show(id: string, { data, format }: Options): Promise<void> {
  const { tables } = await connectStorage(data);
  const kept = await findIncident(new IncidentStore(tables), id);
  const now = systemClock.now();
  const out = writer(process.stdout);
  if (format === 'ocsf') out.line(JSON.stringify(incidentFinding(kept.incident, kept)));
  else if (format === 'ndjson') out.line(JSON.stringify(wholeLine(kept, await responsesTo(kept, tables), now)));
  else {
    const store = new AlertStore(tables);
    const alerts = await inParallel(kept.incident.alertIds, AT_ONCE, (alertId) => store.get(alertId));
    const found = alerts.filter((alert) => alert !== undefined);
    out.line(incidentPage(kept, found, await responsesTo(kept, tables), now));
  }
  await out.end();
}

/** Responses to an incident, and to those that went into it; the first first. */
async function responsesTo({ incident, merged }: KeptIncident, tables: Tables): Promise<Response[]> {
  const store = new ResponseStore(tables, systemClock);
  const found = new Map<string, Response>();
  for (const id of [incident.id, ...merged])
    for (const response of await store.list({ incident: id, limit: Infinity })) found.set(response.id, response);
  return [...found.values()].sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
}
