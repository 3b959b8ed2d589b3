import { app } from '@azure/functions';
import { answerApproval } from '../pipeline/response/approval/approval-endpoint.ts';
import { approvalPorts } from './approval-ports.ts';
import { services } from './services.ts';

/** Takes the answer of the page's form. Guarded as the page itself, see `show-approval.ts`; forms of other sites are refused. */
app.http('answer-approval', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'approvals/{id}/answer',
  handler: async (request) => {
    const { params, headers } = request;
    const body = new Uint8Array(await request.arrayBuffer());
    return answerApproval({ id: params['id'] ?? '', token: undefined, headers, body }, approvalPorts(await services()));
  },
});
