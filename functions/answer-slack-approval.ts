import { app } from '@azure/functions';
import { answerFromSlack } from '../pipeline/response/approval/slack-answer.ts';
import { SLACK_QUEUE } from '../pipeline/response/approval/slack-interaction.ts';
import { postToSlack } from '../pipeline/response/approval/slack-post.ts';
import { approvalKey } from './approval-ports.ts';
import { services } from './services.ts';

/** Presses of buttons in Slack that were verified, from the queue `slack-answers`: answers what was asked, and says in the conversation what became of it. */
app.storageQueue('answer-slack-approval', {
  queueName: SLACK_QUEUE,
  connection: 'AzureWebJobsStorage',
  handler: async (message: unknown, context) => {
    const made = await services();
    const { configuration, clock, responses } = made;
    const unsaid = await answerFromSlack(typeof message === 'string' ? message : JSON.stringify(message), {
      ...{ settings: configuration.response.approval, clock, responses },
      ...{ key: approvalKey(made), say: postToSlack },
    });
    if (unsaid !== undefined) context.warn(`What became of an answer was not said in Slack: ${unsaid}`);
  },
});
