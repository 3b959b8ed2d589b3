/** Every function, registered by being imported: one line each. */
import './ingest-azure-activity.ts';
import './ingest-entra.ts';
import './ingest-aks-audit.ts';
import './ingest-cloudtrail.ts';
import './ingest-defender.ts';
import './ingest-security-hub.ts';
import './correlate.ts';
import './store-events.ts';
import './join-observations.ts';
import './pass-time.ts';
import './notify.ts';
import './poll-cloudtrail.ts';
import './retention.ts';
import './report-exceptions.ts';
import './send-sentinel-incidents.ts';
import './health.ts';
