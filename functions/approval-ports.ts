import { azureEndpoints } from '../platform/azure/endpoints.ts';
import type { ApprovalPorts } from '../pipeline/response/approval/approval-endpoint.ts';
import { approvalKeyOf } from '../pipeline/response/approval/approval-key.ts';
import type { ApproverPort } from '../pipeline/response/approval/approver-port.ts';
import { EntraApprovers } from '../pipeline/response/approval/entra-approver.ts';
import { localApprovers } from '../pipeline/response/approval/local-approver.ts';
import type { Services } from './services.ts';

/** One for each process: the keys of Entra are kept. */
const known = new WeakMap<Services, ApproverPort>();

/** What pages of approvals are made with. */
export function approvalPorts(services: Services): ApprovalPorts {
  const approvers = known.get(services) ?? approversOf(services);
  known.set(services, approvers);
  const { responses, clock, incidents } = services;
  return {
    ...{ approvers, responses, clock, key: approvalKey(services) },
    incidentOf: async (id) => (await incidents.get(id))?.incident,
  };
}

/** What requests are signed with. */
export const approvalKey = ({ approvalKey: key }: Services): ApprovalPorts['key'] => {
  return () => key ?? approvalKeyOf(process.env);
};

/** People are known by Entra; only in the local edition, which says so itself and no configuration can, by being at the machine. */
function approversOf({ localUser, configuration, clock }: Services): ApproverPort {
  if (localUser !== undefined) return localApprovers(localUser);
  const { login } = azureEndpoints(configuration.azure);
  return new EntraApprovers({ settings: configuration.response.approval, login, clock });
}
