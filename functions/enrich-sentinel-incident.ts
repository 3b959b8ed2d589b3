import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { ArmError, isAway } from '../platform/azure/arm-error.ts';
import { isObject, objectOf, parseJson, textOf, type Json } from '../platform/json.ts';
import { UnknownWorkspaceError } from '../pipeline/enrich-sentinel.ts';
import { parseIncidentId, type IncidentAddress } from '../pipeline/sentinel/incident-address.ts';
import { SentinelError } from '../pipeline/sentinel/incident.ts';
import { services } from './services.ts';

/** What an automation rule sends of an incident with 150 alerts is smaller, bytes. */
const LONGEST_BODY = 4 * 1024 * 1024;
/** Where the service does not say when to come again, seconds. */
const COME_AGAIN = 60;

/**
 * Enriches the incident that an automation rule of Sentinel tells of: `{ "object": { "id": "<ARM id of the incident>" } }`, as the Logic App in infra/sentinel sends it; the
 * whole body of the rule will do, or `{ "id": … }`. Answers when it is done, which takes a minute at most. Safe to send again.
 */
app.http('enrich-sentinel-incident', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'sentinel/incidents',
  handler: async (request, context) => {
    const address = await addressIn(request);
    if (typeof address === 'string') return problem(400, address);
    const { enricher, metrics } = await services();
    try {
      const report = await enricher.enrich(address, { unlessRecent: true });
      const outcome = report?.outcome ?? 'recent';
      metrics.count('sentinel_enriched', 1, { outcome });
      const { written, missing = [], calls = 0, incident } = report ?? {};
      return { status: 200, jsonBody: { outcome, incident: incident?.number, written, missing, calls } };
    } catch (error) {
      metrics.count('sentinel_enriched', 1, { outcome: 'failed' });
      const answer = answerTo(error);
      if (answer === undefined) throw error;
      context.error(`Incident ${address.incident} was not enriched: ${(error as Error).message}`);
      return answer;
    }
  },
});

/** @returns why there is none, where it is a text */
async function addressIn(request: HttpRequest): Promise<IncidentAddress | string> {
  const expected = 'expected { "object": { "id": "<ARM id of the incident>" } }';
  if (Number(request.headers.get('content-length') ?? 0) > LONGEST_BODY) return `the body is too long; ${expected}`;
  const text = await request.text();
  if (text.length > LONGEST_BODY) return `the body is too long; ${expected}`;
  const body = parsed(text);
  if (!isObject(body)) return `the body is no JSON object; ${expected}`;
  const id = textOf(objectOf(body['object'])?.['id']) ?? textOf(body['id']);
  const address = id === undefined ? undefined : parseIncidentId(id);
  return address ?? `the body names no incident; ${expected}`;
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const problem = (status: number, error: string, headers: Record<string, string> = {}): HttpResponseInit => ({
  status,
  headers,
  jsonBody: { error },
});

/** Undefined for what nobody foresaw. */
function answerTo(error: unknown): HttpResponseInit | undefined {
  if (error instanceof UnknownWorkspaceError) return problem(403, error.message);
  if (error instanceof SentinelError) return problem(502, error.message);
  if (!(error instanceof ArmError)) return undefined;
  if (!isAway(error)) return problem(502, error.message);
  const seconds = error.retryAfter === undefined ? COME_AGAIN : Math.ceil(error.retryAfter / 1000);
  return problem(503, error.message, { 'retry-after': String(seconds) });
}
