import { app } from '@azure/functions';
import { ingestFrom } from './ingest-from.ts';

/** Entra sign-in and audit, from the hub `entra`. */
app.eventHub('ingest-entra', ingestFrom('entra'));
