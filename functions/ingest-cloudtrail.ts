import { app } from '@azure/functions';
import { ingestFrom } from './ingest-from.ts';

/** AWS CloudTrail, from the hub `cloudtrail`. */
app.eventHub('ingest-cloudtrail', ingestFrom('cloudtrail'));
