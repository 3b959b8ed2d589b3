import { app } from '@azure/functions';
import { receiveSlackInteraction } from '../pipeline/response/approval/slack-interaction.ts';
import { services } from './services.ts';

/**
 * Takes in presses of buttons in Slack, which signs them with the app's signing secret and sends no key of Azure Functions. Nothing is taken in that is not signed, nor
 * anything where no secret is configured.
 */
app.http('receive-slack-interaction', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'slack/interactions',
  handler: async (request) => {
    const { configuration, clock, storage } = await services();
    const call = {
      body: new Uint8Array(await request.arrayBuffer()),
      timestamp: request.headers.get('x-slack-request-timestamp') ?? undefined,
      signature: request.headers.get('x-slack-signature') ?? undefined,
    };
    const { status, message } = await receiveSlackInteraction(call, {
      ...{ settings: configuration.response.approval, clock, tables: storage.tables, queues: storage.queues },
      secret: (name) => process.env[name],
    });
    return { status, body: message };
  },
});
