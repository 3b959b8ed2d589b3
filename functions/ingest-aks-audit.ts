import { app } from '@azure/functions';
import { ingestFrom } from './ingest-from.ts';

/** AKS audit, from the hub `aks-audit`. */
app.eventHub('ingest-aks-audit', ingestFrom('aks-audit'));
