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
      if (outcome === 'refused') {
        const reason = (written?.notes ?? []).join('; ');
        context.error(`Incident ${address.incident} was not enriched: ${reason}`);
        return problem(502, reason);
      }
      return { status: 200, jsonBody: { outcome, incident: incident?.number, written, missing, calls } };
    } catch (error) {
      metrics.count('sentinel_enriched', 1, { outcome: 'failed' });
      const answer = error instanceof Error ? answerTo(error) : undefined;
      if (answer === undefined) throw error;
      context.error(`Incident ${address.incident} was not enriched: ${answer.reason}`);
      return answer.response;
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

/** What is answered to a failure, and why; undefined for what nobody foresaw. */
function answerTo(error: Error): { readonly reason: string; readonly response: HttpResponseInit } | undefined {
  const reason = error.message;
  if (error instanceof UnknownWorkspaceError) return { reason, response: problem(403, reason) };
  if (error instanceof SentinelError) return { reason, response: problem(502, reason) };
  if (!(error instanceof ArmError)) return undefined;
  if (!isAway(error)) return { reason, response: problem(502, reason) };
  const seconds = error.retryAfter === undefined ? COME_AGAIN : Math.ceil(error.retryAfter / 1000);
  return { reason, response: problem(503, reason, { 'retry-after': String(seconds) }) };
}
