import type { ApproverPort, RequestHeaders } from './approver-port.ts';

/**
 * Whether a form was sent from a page of this deployment, and by no other site in a person's name. Browsers say where a form comes from; one that does not say is refused.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 * @returns why it is refused; undefined where it is not
 */
export function foreignForm(headers: RequestHeaders, approvers: ApproverPort): string | undefined {
  const own = approvers.origin(headers);
  if (own === undefined) return OTHER_HOST;
  const [origin, site] = [headers.get('origin'), headers.get('sec-fetch-site')];
  if (origin === null && site === null)
    return 'The answer does not say which page it comes from: use a browser of today, or crosstrail approvals.';
  if (site !== null && site !== 'same-origin') return OTHER_SITE;
  return origin !== null && origin.toLowerCase() !== own.toLowerCase() ? OTHER_SITE : undefined;
}

/** Why a page is not shown; undefined where it is. */
export const foreignHost = (headers: RequestHeaders, approvers: ApproverPort): string | undefined =>
  approvers.origin(headers) === undefined ? OTHER_HOST : undefined;

const OTHER_SITE = 'The answer comes from a page of another site: open the link itself, and answer there.';
const OTHER_HOST = 'The request was sent to another host than this one: open the link as it was given.';
