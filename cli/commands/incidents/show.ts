import { Option, type Command } from 'commander';
import { AlertStore } from '../../../pipeline/incidents/alert-store.ts';
import { incidentFinding } from '../../../pipeline/incidents/incident-finding.ts';
import { IncidentStore } from '../../../pipeline/incidents/incident-store.ts';
import { inParallel } from '../../../pipeline/timeline/store/parallel.ts';
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
    .description('one incident: who, what happened step by step, why it is one and why it matters, who decided what')
    .argument('<id>', 'its id, or the beginning of it')
    .addOption(dataOption())
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson', 'ocsf']).default('table'))
    .action(show);
}

async function show(id: string, { data, format }: Options): Promise<void> {
  const { tables } = await connectStorage(data);
  const kept = await findIncident(new IncidentStore(tables), id);
  const out = writer(process.stdout);
  if (format === 'ocsf') out.line(JSON.stringify(incidentFinding(kept.incident, kept)));
  else if (format === 'ndjson') out.line(JSON.stringify(wholeLine(kept)));
  else {
    const store = new AlertStore(tables);
    const alerts = await inParallel(kept.incident.alertIds, AT_ONCE, (alertId) => store.get(alertId));
    out.line(
      incidentPage(
        kept,
        alerts.filter((alert) => alert !== undefined),
      ),
    );
  }
  await out.end();
}
