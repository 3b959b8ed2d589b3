import { app } from '@azure/functions';
import { ingestFrom } from './ingest-from.ts';

/** Azure Activity, from the hub `azure-activity`. */
app.eventHub('ingest-azure-activity', ingestFrom('azure-activity'));
