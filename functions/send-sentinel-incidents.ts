import { app } from '@azure/functions';
import { armClient } from '../platform/azure/arm.ts';
import { parseWorkspaceId } from '../pipeline/sentinel/incident-address.ts';
import { sendIncidents } from '../pipeline/sentinel/send-incidents.ts';
import { services } from './services.ts';

/** Shorter than the interval of the timer. */
const LONGEST_RUN = 50_000;
/** Two for each incident that is new or changed. Five runs stay under the 75 writes that Sentinel takes in five minutes, with some left for enrichment. */
const MOST_CALLS = 24;

/** Each minute, where it is configured: Crosstrail's incidents to Microsoft Sentinel. */
app.timer('send-sentinel-incidents', {
  schedule: '15 * * * * *',
  handler: async (_timer, context) => {
    const { configuration, incidents, storage, clock, metrics, azure, rates } = await services();
    const settings = configuration.sentinel.incidents;
    const workspace = settings && parseWorkspaceId(settings.workspace);
    if (settings === undefined || workspace === undefined) return;
    const deadline = clock.now() + LONGEST_RUN;
    const arm = armClient({ connection: await azure(), clock, rates, deadline, maxCalls: MOST_CALLS });
    const ports = { incidents, tables: storage.tables, arm, clock, metrics };
    const { problems } = await sendIncidents(ports, { ...settings, workspace });
    for (const problem of problems) context.error(`An incident was not sent to Sentinel: ${problem}`);
  },
});
