import { ConfigurationError } from '../../../platform/configuration.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Incident } from '../../timeline/incident.ts';
import type { Response } from '../response.ts';
import { isRefusal, type ApproverPort, type ApproverRefusalReason, type RequestHeaders } from './approver-port.ts';
import type { ApprovalKey } from './approval-key.ts';
import {
  openRequest,
  shownReason,
  type AnsweringPerson,
  type AnswerOutcome,
  type GivenAnswer,
  type Verdict,
} from './decide.ts';
import { approvalPage, refusalPage, type ApprovalPage, type Notice, type PageAnswer } from './page.ts';
import {
  claimsOf,
  readRequestToken,
  requestToken,
  RESPONSE_ID,
  TOKEN_REFUSALS,
  type RequestClaims,
  type TokenRefusal,
} from './request-token.ts';
import { foreignForm, foreignHost } from './same-site.ts';

/** What is done with responses to have them approved. */
export interface ApprovalResponses {
  get(id: string): Promise<Response | undefined>;
  answer(id: string, given: GivenAnswer): Promise<Verdict & { readonly response: Response }>;
}

/** What the pages of approvals stand on. */
export interface ApprovalPorts {
  readonly approvers: ApproverPort;
  readonly responses: ApprovalResponses;
  /** @throws ConfigurationError where there is none */
  readonly key: () => ApprovalKey;
  readonly clock: Clock;
  readonly incidentOf: (id: string) => Promise<Incident | undefined>;
}

/** A request for a page. */
export interface PageRequest {
  /** The id of a response, of the address. */
  readonly id: string;
  /** Of the address; what a form says counts more. */
  readonly token: string | undefined;
  readonly headers: RequestHeaders;
}

/** A form that was sent. */
export interface FormRequest extends PageRequest {
  readonly body: Uint8Array;
}

/** A form has a token and a reason. */
const LONGEST_FORM = 16 * 1024;

const REFUSED: Readonly<Record<ApproverRefusalReason, number>> = {
  ...{ 'not-configured': 403, 'no-token': 401, expired: 401, 'bad-token': 401 },
  ...{ 'not-allowed': 403, unavailable: 503 },
};
const TOKEN_REFUSED: Readonly<Record<TokenRefusal, number>> = {
  ...{ malformed: 400, foreign: 403, altered: 403, 'other-response': 400, expired: 410 },
};
const ANSWERED: Readonly<Record<AnswerOutcome, number>> = {
  ...{ counted: 200, decided: 200, again: 200 },
  ...{ changed: 409, closed: 409, expired: 410, 'not-allowed': 403 },
};

/** Shows what people are asked to approve, to one who may, with a link that was signed for it. */
export async function showApproval(request: PageRequest, ports: ApprovalPorts): Promise<PageAnswer> {
  const asked = await admitted(request, request.token, ports, foreignHost(request.headers, ports.approvers));
  if ('status' in asked) return asked;
  const { response, claims } = asked;
  const notice = staleNotice(response, claims, ports);
  return pageOf(notice === undefined ? 200 : 409, asked, ports, { notice, folder: '' });
}

/** Takes an answer from the page, and shows what became of it. */
export async function answerApproval(request: FormRequest, ports: ApprovalPorts): Promise<PageAnswer> {
  const foreign = foreignForm(request.headers, ports.approvers);
  const form = foreign === undefined ? formOf(request) : new URLSearchParams();
  if (form === undefined) return refusalPage(400, 'The answer is not a form of the page: open the link again.');
  const asked = await admitted(request, form.get('token') ?? undefined, ports, foreign);
  if ('status' in asked) return asked;
  const answer = form.get('answer');
  if (answer !== 'approve' && answer !== 'decline') {
    return refusalPage(400, 'The answer is neither approve nor decline: open the link again.');
  }
  const reason = shownReason(form.get('reason') ?? undefined);
  if (answer === 'decline' && reason === undefined) {
    const notice: Notice = { kind: 'bad', text: 'Say why you decline.' };
    return pageOf(400, asked, ports, { notice, folder: '../', open: true });
  }
  const { planHash, number } = asked.claims;
  const { outcome, why, response } = await ports.responses.answer(request.id, {
    ...{ planHash, number, by: asked.viewer, answer, reason },
  });
  const status = ANSWERED[outcome];
  const link = outcome === 'changed' ? newLink(response, ports, '../') : undefined;
  const notice: Notice = { kind: status === 200 ? 'good' : 'bad', text: why, link };
  return pageOf(status, { ...asked, response }, ports, { notice, folder: '../' });
}

/** Somebody who may approve, with a link that is good. */
interface Admitted {
  readonly viewer: AnsweringPerson;
  readonly claims: RequestClaims;
  readonly response: Response;
}

/** In this order, so that who is not known learns nothing. @param foreign why the request is refused whoever sends it */
async function admitted(
  { id, headers }: PageRequest,
  token: string | undefined,
  { approvers, responses, key, clock }: ApprovalPorts,
  foreign: string | undefined,
): Promise<Admitted | PageAnswer> {
  if (foreign !== undefined) return refusalPage(403, foreign);
  const viewer = await approvers.identify(headers);
  if (isRefusal(viewer)) {
    const status = REFUSED[viewer.refused];
    const page = RESPONSE_ID.test(id) ? `/api/approvals/${id}?token=${encodeURIComponent(token ?? '')}` : '/';
    return refusalPage(status, viewer.message, status === 401 ? approvers.signIn(page) : undefined);
  }
  try {
    const claims = readRequestToken(token, key(), clock.now(), id);
    if (typeof claims === 'string') return refusalPage(TOKEN_REFUSED[claims], TOKEN_REFUSALS[claims]);
    const response = await responses.get(id);
    if (response === undefined) return refusalPage(404, 'There is no such response any more.');
    return { viewer, claims, response };
  } catch (error) {
    if (error instanceof ConfigurationError) return refusalPage(403, error.message);
    throw error;
  }
}

/** Why there is nothing to answer; undefined where there is. */
function staleNotice(response: Response, claims: RequestClaims, ports: ApprovalPorts): Notice | undefined {
  const now = claimsOf(response);
  if (now?.number !== claims.number || now.planHash !== claims.planHash) {
    const text = 'The plan changed since this link was made: what is shown is the plan as it is now.';
    return { kind: 'bad', text, link: newLink(response, ports, '') };
  }
  return isAnswerable(response, ports) ? undefined : { kind: 'good', text: 'It is decided: nobody is asked any more.' };
}

const isAnswerable = (response: Response, { clock }: ApprovalPorts): boolean => {
  const request = openRequest(response, { quorum: 1 });
  return request !== undefined && clock.now() < request.expires;
};

function newLink(response: Response, ports: ApprovalPorts, folder: '' | '../'): string | undefined {
  const claims = isAnswerable(response, ports) ? claimsOf(response) : undefined;
  return claims === undefined ? undefined : `${folder}${response.id}?token=${requestToken(claims, ports.key())}`;
}

/** @param shown `open`: whether it may be answered still, whatever is to be said */
async function pageOf(
  status: number,
  { response, viewer, claims }: Admitted,
  ports: ApprovalPorts,
  shown: Pick<ApprovalPage, 'notice' | 'folder'> & { readonly open?: boolean },
): Promise<PageAnswer> {
  const { notice, folder, open = notice === undefined } = shown;
  const incident =
    response.incident === undefined ? undefined : await ports.incidentOf(response.incident).catch(() => undefined);
  const token = open && isAnswerable(response, ports) ? requestToken(claims, ports.key()) : undefined;
  const now = ports.clock.now();
  return approvalPage(status, { response, incident, token, notice, folder, viewer: viewer.name, now });
}

function formOf({ headers, body }: FormRequest): URLSearchParams | undefined {
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded' || body.length > LONGEST_FORM) return undefined;
  return new URLSearchParams(new TextDecoder().decode(body));
}
