import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Hubs } from '../platform/hubs.ts';

/** The hub of GitHub's alerts and audit log. */
const HUB = 'github-audit';

/** A hub takes 1 MiB in one message, its headers included. Alerts have some ten kilobytes. */
const MAX_BODY_BYTES = 1_000_000;

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
  readonly status: 202 | 401 | 413 | 503;
  readonly message: string;
}

/**
 * Takes in an alert that a webhook of GitHub brings, and passes it on to its hub as it is. Only what is signed with the secret of the webhook is taken:
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
    return { status: 413, message: `the body has ${call.body.length} bytes, and a hub takes ${MAX_BODY_BYTES}` };
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
  await hubs.send(HUB, [{ body: call.body }]);
  return { status: 202, message: 'taken in' };
}

/** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
function isSigned({ body, signature }: WebhookCall, secret: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const found = Buffer.from(signature ?? '');
  return found.length === expected.length && timingSafeEqual(found, expected);
}
