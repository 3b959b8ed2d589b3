import type { Incident } from '../../pipeline/timeline/incident.ts';
import {
  askedSteps,
  countText,
  leaseText,
  requesterText,
  residualTexts,
  spanText,
  speakingGuards,
  timeText,
} from '../../pipeline/response/approval/approval-text.ts';
import type { ApprovalRequest, Response, Step } from '../../pipeline/response/response.ts';
import { section } from '../incidents/section.ts';
import { changePage } from '../response/change-page.ts';
import { printable, shownTime, styled, table } from '../terminal.ts';

/** A response that people are asked about. */
export interface Asked {
  readonly response: Response;
  readonly request: ApprovalRequest;
}

/** So much of a hash is enough to tell plans apart. */
const SHORT_HASH = 12;

export const shortId = (id: string): string => id.replace(/^response-/, '').slice(0, 8);

/** What waits for approval, a line each. @param now milliseconds since 1970-01-01T00:00:00Z */
export const approvalTable = (asked: readonly Asked[], now: number): string =>
  table(asked, [
    { title: 'ID', cell: ({ response }) => shortId(response.id), whole: true },
    { title: 'ENDS (UTC)', cell: ({ request }) => shownTime(request.expires), whole: true },
    { title: 'IN', cell: ({ request }) => spanText(Math.max(0, request.expires - now)), whole: true },
    { title: 'APPROVED', cell: ({ request }) => countText(request).replace(' approved', ''), whole: true },
    { title: 'RESPONSE', cell: ({ response }) => response.title, max: 80 },
    {
      title: 'ACTIONS',
      cell: ({ response }) =>
        askedSteps(response)
          .map(({ action }) => action)
          .join(', '),
      max: 80,
    },
    { title: 'INCIDENT', cell: ({ response }) => response.incident ?? '', max: 20 },
    { title: 'ASKED BY', cell: ({ response }) => response.requester, max: 60 },
  ]);

/** One response with its plan, for people who decide. @param open the request, where it can be answered */
export function approvalText(
  response: Response,
  { open, incident, now }: { open: ApprovalRequest | undefined; incident: Incident | undefined; now: number },
): string {
  const request = open ?? response.approval;
  return [
    `${styled('bold', printable(response.title))}  ${response.id}`,
    printable(requesterText(response)),
    ...(request === undefined ? ['nobody is asked'] : [requestText(request, open !== undefined, now)]),
    ...section('why', whyLines(response, incident), (line) => [line]),
    ...askedSteps(response).flatMap((step) =>
      section(`${step.action}: ${step.plan?.target.label ?? ''}`, [step], stepLines),
    ),
    ...section('other steps', othersOf(response), ({ action, state, problem }) => [
      `${action}: ${state}${problem === undefined ? '' : `, ${problem}`}`,
    ]),
    ...section('answers', request?.answers ?? [], ({ by, answer, reason, at }) => [
      `${timeText(at)}  ${by.name} (${by.by})  ${answer}${reason === undefined ? '' : `: ${reason}`}`,
    ]),
    ...(open === undefined ? [] : ['', ...howTo(response, open)]),
  ].join('\n');
}

const requestText = (request: ApprovalRequest, open: boolean, now: number): string =>
  `${countText(request)}${open ? `; ends in ${spanText(request.expires - now)}, ${timeText(request.expires)}` : ''}`;

const whyLines = ({ incident: id }: Response, incident: Incident | undefined): readonly string[] =>
  incident === undefined
    ? [id ?? 'a person asked for it']
    : [`${incident.severity}, ${incident.score} of 100: ${incident.title}`, ...incident.story, incident.id];

function stepLines(step: Step): string[] {
  const { plan } = step;
  return [
    ...(plan === undefined ? [] : [`${plan.target.kind} ${plan.target.id}`]),
    ...(plan?.changes ?? []).flatMap(changePage),
    ...(plan?.affects ?? []).map((text) => `affects: ${text}`),
    ...speakingGuards(step).map(({ guard, says, reason }) => `guard ${guard} says ${says}: ${reason}`),
    ...residualTexts(step).map((text) => `stays with an attacker: ${text}`),
    leaseText(step),
  ];
}

const othersOf = (response: Response): readonly Step[] => {
  const asked = askedSteps(response);
  return response.steps.filter((step) => !asked.includes(step));
};

const howTo = ({ id }: Response, { planHash }: ApprovalRequest): string[] => [
  `crosstrail approvals approve ${shortId(id)} --plan ${planHash.slice(0, SHORT_HASH)}`,
  `crosstrail approvals decline ${shortId(id)} --reason <why>`,
];

/** The same for machines. */
export const approvalLine = (response: Response, open: boolean): object => {
  const { id, title, incident, playbook, requester, state, approval, steps } = response;
  return {
    type: 'approval',
    ...{ response: id, title, incident: incident ?? null, playbook, requester, state, open },
    request:
      approval === undefined
        ? null
        : { ...approval, expires: new Date(approval.expires).toISOString(), answers: approval.answers.map(answerLine) },
    steps: steps.map(({ id: step, action, parameters, state: is, plan, guards, lasts, problem }) => ({
      ...{ step, action, parameters, state: is, plan: plan ?? null, guards, lasts: lasts ?? null },
      problem: problem ?? null,
    })),
  };
};

const answerLine = ({ by, answer, reason, at }: ApprovalRequest['answers'][number]): object => ({
  ...{ by: by.id, name: by.name, verified: by.by, answer, reason: reason ?? null },
  at: new Date(at).toISOString(),
});
