import { app } from '@azure/functions';
import { receiveWebhook } from '../pipeline/github-webhook.ts';
import { services } from './services.ts';

/**
 * Takes in alerts from a webhook of a repository, an organization or a GitHub App. Its key is the webhook's secret, in the setting
 * `CROSSTRAIL_GITHUB_WEBHOOK_SECRET`: GitHub signs with it, and sends no key of Azure Functions.
 */
app.http('receive-github-webhook', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'github/webhook',
  handler: async (request) => {
    const { hubs } = await services();
    const call = {
      body: new Uint8Array(await request.arrayBuffer()),
      signature: request.headers.get('x-hub-signature-256') ?? undefined,
      event: request.headers.get('x-github-event') ?? undefined,
    };
    const { status, message } = await receiveWebhook(call, process.env['CROSSTRAIL_GITHUB_WEBHOOK_SECRET'], hubs);
    return { status, body: `${message}\n` };
  },
});
