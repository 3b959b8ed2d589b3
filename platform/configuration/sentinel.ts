import { z } from 'zod';
import { endpoint } from '../azure/endpoints.ts';
import { duration } from './duration-text.ts';

const WORKSPACE =
  /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/resourceGroups\/[^/?#%\s]{1,90}\/providers\/Microsoft\.OperationalInsights\/workspaces\/[a-z0-9-]{4,63}$/i;

/** The id of a Log Analytics workspace in Azure Resource Manager. */
const workspaceId = z
  .string()
  .regex(
    WORKSPACE,
    'expected the resource id of a workspace: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.OperationalInsights/workspaces/<name>',
  );

const workspace = z.strictObject({
  id: workspaceId,
  /** Its workspace id, a GUID, as queries name it. Without it incidents are enriched with what Crosstrail knows, and no logs are queried. */
  workspaceId: z.guid('expected the workspace id, a GUID').optional(),
});

/** Where Crosstrail's own incidents are made in Sentinel. */
const outwardIncidents = z.strictObject({
  workspace: workspaceId,
  /** Incidents below this are not made. */
  from: z.enum(['informational', 'low', 'medium', 'high', 'critical']).default('medium'),
  /** Whether those that are closed in Crosstrail are closed in Sentinel. */
  close: z.boolean().default(true),
});

/** Where events and findings are sent, by a data collection rule. */
const logs = z.strictObject({
  /** The endpoint for ingestion of the rule, or of its data collection endpoint. */
  endpoint,
  rule: z
    .string()
    .regex(/^dcr-[0-9a-f]{32}$/, 'expected the immutable id of a data collection rule: dcr- and 32 digits'),
  /** `signals`: events in which a rule found something; `all` costs as much as the logs themselves. */
  events: z.enum(['none', 'signals', 'all']).default('signals'),
  findings: z.boolean().default(true),
});

/** The configuration's `sentinel`: workspaces whose incidents are enriched, what may be written into them, and what is sent there. */
export const sentinelSection = z
  .strictObject({
    /** Incidents of others are not touched. */
    workspaces: z.array(workspace).max(20).default([]),
    /** Whether the severity of incidents is changed: never, only raised, or set either way. */
    severity: z.enum(['never', 'raise', 'set']).default('never'),
    /** Whether suggested next steps are written as tasks. */
    tasks: z.boolean().default(true),
    poll: z
      .strictObject({
        /** Whether a timer looks for incidents that no automation rule told of. */
        enabled: z.boolean().default(true),
        /** How far back. */
        lookback: duration.prefault('24h'),
        /** How many incidents one run enriches at most. */
        limit: z.int().min(1).max(100).default(10),
      })
      .prefault({}),
    /** Off unless it is given. */
    incidents: outwardIncidents.optional(),
    /** Off unless it is given. */
    logs: logs.optional(),
  })
  .prefault({});
