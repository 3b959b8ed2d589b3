import { app } from '@azure/functions';
import { ingestFrom } from './ingest-from.ts';

/** Findings of AWS Security Hub and Inspector, from the hub `security-hub`. */
app.eventHub('ingest-security-hub', ingestFrom('security-hub'));
