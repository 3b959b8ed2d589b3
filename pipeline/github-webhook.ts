import { createHmac, timingSafeEqual } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Hubs } from '../platform/hubs.ts';

/** The hub of GitHub's alerts and audit log. */
const HUB = 'github-audit';

/** A hub takes 1 MiB in one message, its headers included. Alerts have some ten kilobytes; longer ones are sent on as gzip. */
const MAX_MESSAGE_BYTES = 1_000_000;

/** GitHub itself sends no more: https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap */
const MAX_BODY_BYTES = 25 * 1024 * 1024;

/** How a body begins where the webhook is set to the content type `application/x-www-form-urlencoded`. */
const FORM = Buffer.from('payload=');

/** The events of webhooks that are alerts: https://docs.github.com/webhooks/webhook-events-and-payloads */
const ALERTS: ReadonlySet<string> = new Set(['code_scanning_alert', 'dependabot_alert', 'secret_scanning_alert']);

/** A call of a webhook. */
export interface WebhookCall {
  readonly body: Uint8Array;
  /** The header `X-Hub-Signature-256`. */
  readonly signature: string | undefined;
  /** The header `X-GitHub-Event`. */
  readonly event: string | undefined;
}

/** What a caller is told: an HTTP status, and why. */
export interface WebhookAnswer {
  readonly status: 202 | 401 | 413 | 415 | 503;
  readonly message: string;
}

/**
 * Takes in an alert that a webhook of GitHub brings, and passes it on to its hub, as gzip where it is long. Only what is signed with the secret of the webhook is taken:
 * the address of a webhook is no secret. The same alert sent again is one event.
 * @param secret of the webhook; without one nothing is taken
 * @throws whatever the hub throws: GitHub then shows the delivery as failed, and can be told to send it again
 */
export async function receiveWebhook(
  call: WebhookCall,
  secret: string | undefined,
  hubs: Hubs,
): Promise<WebhookAnswer> {
  if (secret === undefined || secret === '') {
    return {
      status: 503,
      message: 'no secret is configured, so nothing can be trusted: set CROSSTRAIL_GITHUB_WEBHOOK_SECRET',
    };
  }
  if (call.body.length > MAX_BODY_BYTES) {
    return {
      status: 413,
      message: `the body has ${call.body.length} bytes, and GitHub sends ${MAX_BODY_BYTES} at most`,
    };
  }
  if (!isSigned(call, secret)) {
    return {
      status: 401,
      message: 'the header X-Hub-Signature-256 is not that of this body under the secret configured',
    };
  }
  if (call.event === undefined || !ALERTS.has(call.event)) {
    return { status: 202, message: `passed over: of webhooks only ${[...ALERTS].join(', ')} are read` };
  }
  if (FORM.equals(call.body.subarray(0, FORM.length))) {
    return { status: 415, message: 'the body is a form: set the content type of the webhook to application/json' };
  }
  const body = call.body.length > MAX_MESSAGE_BYTES ? gzipSync(call.body) : call.body;
  if (body.length > MAX_MESSAGE_BYTES) {
    return { status: 413, message: `the body has ${body.length} bytes as gzip, and a hub takes ${MAX_MESSAGE_BYTES}` };
  }
  await hubs.send(HUB, [{ body }]);
  return { status: 202, message: 'taken in' };
}

/** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
function isSigned({ body, signature }: WebhookCall, secret: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const found = Buffer.from(signature ?? '');
  return found.length === expected.length && timingSafeEqual(found, expected);
}
