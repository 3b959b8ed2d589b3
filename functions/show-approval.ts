import { app } from '@azure/functions';
import { showApproval } from '../pipeline/response/approval/approval-endpoint.ts';
import { approvalPorts } from './approval-ports.ts';
import { services } from './services.ts';

/**
 * The page on which people decide about a plan. It is open to no one who is not known: `anonymous` only says that no key of Azure Functions is asked for, which a link in a
 * message would have to carry. App Service authentication signs people in before, and its token is verified in code; without a tenant and an audience configured nobody is
 * let in.
 */
app.http('show-approval', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'approvals/{id}',
  handler: async ({ params, query, headers }) => {
    const token = query.get('token') ?? undefined;
    return showApproval({ id: params['id'] ?? '', token, headers }, approvalPorts(await services()));
  },
});
