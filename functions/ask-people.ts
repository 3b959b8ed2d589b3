import type { Configuration } from '../platform/configuration.ts';
import { approvalKeyOf } from '../pipeline/response/approval/approval-key.ts';
import { approvalLink, claimsOf } from '../pipeline/response/approval/request-token.ts';
import type { ResponsePorts } from '../pipeline/response/ports.ts';
import type { Services } from './services.ts';

/** Tells the log of a response that waits for approval, with a link that is good for it. Where no link can be made, the log says what is missing: the command approves all the same. */
export function askingByLog({ response }: Configuration, log: Services['log']): NonNullable<ResponsePorts['ask']> {
  const { baseUrl } = response.approval;
  return (asked) => {
    const claims = claimsOf(asked);
    const how = `crosstrail approvals show ${asked.id}`;
    let link = 'response.approval.baseUrl is not configured, so there is no link';
    try {
      if (claims !== undefined && baseUrl !== undefined)
        link = approvalLink(`${baseUrl}/api`, claims, approvalKeyOf(process.env));
    } catch (error) {
      link = error instanceof Error ? error.message : 'no link can be made';
    }
    log('warning', `Approval is asked for ${asked.id}, ${asked.playbook}: ${how}; ${link}`);
    return Promise.resolve();
  };
}
