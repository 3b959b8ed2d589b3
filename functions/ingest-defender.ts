import { app } from '@azure/functions';
import { ingestFrom } from './ingest-from.ts';

/** Alerts and assessments of Microsoft Defender for Cloud, from the hub `defender`. */
app.eventHub('ingest-defender', ingestFrom('defender'));
