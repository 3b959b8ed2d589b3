import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { systemClock } from '../../../platform/clock.ts';
import { VERDICTS, type IncidentState, type Verdict } from '../../../pipeline/incidents/incident-state.ts';
import { INCIDENT_QUEUE } from '../../../pipeline/response/decide-responses.ts';
import { IncidentStateError, IncidentStore } from '../../../pipeline/incidents/incident-store.ts';
import { connectStorage, dataOption } from '../../connection.ts';
import { findIncident } from '../../incidents/find-incident.ts';
import { shownState } from '../../incidents/incident-table.ts';
import { UnusableInputError } from '../../scan/files.ts';
import { printable } from '../../terminal.ts';

interface Options {
  readonly data: string;
  readonly by: string;
  readonly note?: string;
  readonly verdict?: Verdict;
}

/** `crosstrail incidents acknowledge|contain|close|reopen <id>` */
export function reviewCommands(incidents: Command): void {
  command(incidents, 'acknowledge', 'acknowledged', 'note that somebody looks after an incident');
  command(incidents, 'contain', 'contained', 'note that an incident goes on no more');
  command(incidents, 'close', 'closed', 'close an incident; what joins it later may open it again').addOption(
    new Option('--verdict <verdict>', 'what it was').choices(VERDICTS).makeOptionMandatory(),
  );
  command(incidents, 'reopen', 'open', 'open an incident again');
}

function command(incidents: Command, name: string, state: IncidentState, description: string): Command {
  return incidents
    .command(name)
    .description(description)
    .argument('<id>', 'its id, or the beginning of it')
    .addOption(dataOption())
    .option('--note <text>', 'why, for those who read it later')
    .option('--by <name>', 'who decides (the user of this machine, unless told)', userInfo().username)
    .action((id: string, options: Options) => review(id, state, options));
}

async function review(text: string, state: IncidentState, { data, by, note, verdict }: Options): Promise<void> {
  const { tables, queues } = await connectStorage(data);
  const store = new IncidentStore(tables);
  const { incident } = await findIncident(store, text);
  try {
    const kept = await store.review(incident.id, { state, verdict, by, note, at: systemClock.now() });
    // What people are asked to approve because of it is not to be done any more.
    if (state === 'closed') await queues.send(INCIDENT_QUEUE, kept.incident.id);
    process.stdout.write(`${kept.incident.id} is ${shownState(kept)}: ${printable(kept.incident.title)}\n`);
  } catch (error) {
    if (error instanceof IncidentStateError) throw new UnusableInputError(error.message);
    throw error;
  }
}
