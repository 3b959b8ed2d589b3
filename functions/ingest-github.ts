import { app } from '@azure/functions';
import { ingestFrom } from './ingest-from.ts';

/** GitHub's alerts and audit log, and reports of scanners, from the hub `github-audit`. */
app.eventHub('ingest-github', ingestFrom('github-audit'));
