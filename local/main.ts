import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../platform/clock.ts';
import { printable, shownTime, styled, styledLevel } from '../cli/terminal.ts';
import { headlineLines, incidentHeading } from '../cli/scan/incident-text.ts';
import type { KeptAlert } from '../pipeline/timeline/alert.ts';
import type { Incident } from '../pipeline/timeline/incident.ts';
import { openAlertLog } from './alert-log.ts';
import { startDemoClouds } from './demo/clouds.ts';
import { DEMO_INVENTORY } from './demo/inventory.ts';
import { openDemo, type Demo } from './demo/player.ts';
import { startEdition, type Edition } from './edition.ts';
import { askPerson, showEvidence } from './response-lines.ts';

const USAGE = `npm start -- [--data <folder>] [--demo | --no-demo] [--any-ports]

  --data <folder>  where everything is kept (default: .crosstrail)
  --demo           plays the demo tenant even where a source is connected
  --no-demo        never plays it
  --any-ports      takes any free ports instead of 5672, 10000 to 10002 and 7071
`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

// Where nobody reads what is said any more (`npm start | head`), the edition stops as at a SIGTERM; alerts are in their file.
process.stdout.once('error', () => {
  process.stdout.on('error', () => undefined);
  process.kill(process.pid, 'SIGTERM');
});

try {
  await main();
} catch (error) {
  process.stderr.write(`crosstrail: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '.crosstrail' },
      demo: { type: 'boolean' },
      'any-ports': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowNegative: true,
  });
  if (values.help) {
    say(USAGE);
    return;
  }
  if (values.data === '') throw new Error('--data names no folder; leave it out for .crosstrail');
  const folder = resolve(values.data);
  say(`Crosstrail, local edition: starting on ${folder}`);
  const alertLog = openAlertLog(join(folder, 'alerts.ndjson'), showAlert);
  const edition = await startEdition({
    folder,
    clock: systemClock,
    notifier: alertLog,
    showIncident: incidentLines(),
    showEvidence: showEvidence(say),
    askPerson: askPerson(say),
    clouds: async (connected) => ((values.demo ?? !connected) ? startDemoClouds(folder, systemClock) : undefined),
    inventory: (connected) => ((values.demo ?? !connected) ? DEMO_INVENTORY : undefined),
    anyPorts: values['any-ports'],
    log: (level, message) => {
      if (level === 'notice') say(printable(message));
      if (level === 'error' || level === 'warning') process.stderr.write(`${level}: ${printable(message)}\n`);
    },
  });
  banner(edition, folder, alertLog.before);
  const stopping = new AbortController();
  const wanted = values.demo ?? !edition.connected;
  const playing = wanted
    ? play(openDemo(folder, edition.hubs, systemClock), edition.connected, stopping.signal)
    : Promise.resolve();
  onStop(async () => {
    say('\nStopping: finishing what is in hand …');
    stopping.abort();
    await playing.catch(() => undefined);
    await edition.stop();
    alertLog.close();
    say('Stopped. The next start on this folder goes on from here.');
  });
  await playing;
}

function banner({ connections }: Edition, folder: string, before: number): void {
  say(`
  Event Hubs       ${connections.hubs}
  hubs             azure-activity, entra, aks-audit, cloudtrail, defender, security-hub, github-audit (any of them takes any kind), timeline, correlation
  health           ${connections.url}/health
  alerts           ${join(folder, 'alerts.ndjson')}${before === 0 ? '' : ` (${before} so far)`}
  look around      npm run --silent crosstrail -- incidents list
                   npm run --silent crosstrail -- incidents show <id>
                   npm run --silent crosstrail -- approvals list
                   npm run --silent crosstrail -- evidence verify
                   npm run --silent crosstrail -- findings list
                   npm run --silent crosstrail -- alerts
                   npm run --silent crosstrail -- timeline <entity>
                   npm run --silent crosstrail -- dead-letters list
  send records     npm run --silent crosstrail -- replay <file or folder>
  stop             Ctrl-C
`);
}

async function play(demo: Demo, connected: boolean, stop: AbortSignal): Promise<void> {
  const left = demo.records - demo.sentBefore;
  if (left === 0) {
    say('The demo tenant was played on this folder before. Alerts of what you send appear here.\n');
    return;
  }
  say(
    styled('yellow', `DEMO: ${connected ? '' : 'no source is connected, so '}an invented company is played`) +
      `: ${left} records, one attack among them. Alerts appear here:\n`,
  );
  await demo.play(stop);
  if (!stop.aborted) say('\nThe demo was sent. Crosstrail goes on listening; Ctrl-C stops it.\n');
}

function showAlert(alert: KeptAlert): void {
  say(
    [
      styledLevel(alert.severity, alert.severity.toUpperCase().padEnd(13)),
      shownTime(alert.firstSeen),
      alert.rule.title,
      styled('dim', `${alert.techniques.join(' ')}  ${printable(alert.principals[0] ?? '')}`),
    ].join('  '),
  );
}

/** Shows an incident that is new, or graver, named otherwise or of which something else is to be said first than before: it grows with each alert. */
function incidentLines(): (incident: Incident) => void {
  const shown = new Map<string, string>();
  return (incident) => {
    const heading = incidentHeading(incident);
    const { headline } = incident.context ?? {};
    const known = `${incident.severity} ${incident.title} ${headline ?? ''}`;
    if (shown.get(incident.id) === known) return;
    shown.set(incident.id, known);
    say(`${styled('bold', 'INCIDENT')}  ${heading}  ${styled('dim', incident.id.slice(0, 17))}`);
    for (const line of headlineLines(incident)) say(`        ${line}`);
  };
}

/** Runs `stop` at the first Ctrl-C or SIGTERM and ends the process after it; a second one ends it at once. */
function onStop(stop: () => Promise<void>): void {
  let stopping = false;
  const signalled = () => {
    if (stopping) process.exit(130);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(
          `crosstrail: stopping failed: ${error instanceof Error ? error.message : String(error)}\n`,
        );
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', signalled);
  process.on('SIGTERM', signalled);
}
