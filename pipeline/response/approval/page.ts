import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../playbooks/contract/hashes.ts';
import type { Change } from '../../../playbooks/contract/action.ts';
import type { Incident } from '../../timeline/incident.ts';
import type { ApprovalRequest, Response, Step } from '../response.ts';
import {
  askedSteps,
  countText,
  leaseText,
  requesterText,
  residualTexts,
  spanText,
  speakingGuards,
  timeText,
} from './approval-text.ts';
import { changeLines } from './change-lines.ts';
import { markup, Markup, type MarkupPart } from './markup.ts';

/** An answer to a browser. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a page is made of. */
export interface ApprovalPage {
  readonly response: Response;
  /** Undefined where there is none, or it cannot be had. */
  readonly incident: Incident | undefined;
  /** Signed; with it the page has buttons. Undefined where nothing can be answered. */
  readonly token: string | undefined;
  /** Said first: what became of an answer, or why there are no buttons. */
  readonly notice: Notice | undefined;
  /** Where pages of approvals are, relative to this one: empty, or `../` of an answer. */
  readonly folder: '' | '../';
  /** Who looks at it. */
  readonly viewer: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

export interface Notice {
  readonly kind: 'good' | 'bad';
  readonly text: string;
  /** The page as it is now, relative to this one. */
  readonly link?: string | undefined;
}

const MOST_SHOWN = 50;
const MOST_OF_STORY = 8;

const STYLE = `
:root{color-scheme:light dark;--line:#8886;--soft:#8882;--good:#1a7f37;--bad:#b42318}
@media(prefers-color-scheme:dark){:root{--good:#4ac26b;--bad:#ff7b72}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:46rem;overflow-wrap:anywhere}
h1{font-size:1.35rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.05rem;margin:1.5rem 0 .5rem}
h3{font-size:1rem;margin:.75rem 0 .25rem}
p{margin:.35rem 0}
ul{margin:.35rem 0;padding-left:1.2rem}
section.step{border:1px solid var(--line);border-radius:.5rem;padding:.25rem .85rem .75rem;margin:.75rem 0}
.soft{opacity:.75;font-size:.9rem}
.notice{border-left:.3rem solid;padding:.5rem .75rem;background:var(--soft);margin:.75rem 0}
.good{border-color:var(--good)}.bad{border-color:var(--bad)}
pre{background:var(--soft);border-radius:.35rem;padding:.5rem;margin:.35rem 0;font-size:.85rem;white-space:pre-wrap}
ins,del{text-decoration:none;display:block}ins{color:var(--good)}del{color:var(--bad)}
textarea{width:100%;min-height:4.5rem;font:inherit;padding:.5rem;border:1px solid var(--line);border-radius:.35rem}
button{font:inherit;font-weight:600;min-height:3rem;width:100%;margin:.5rem 0 0;border-radius:.5rem;border:2px solid;background:none}
button.yes{background:#1a7f37;border-color:#1a7f37;color:#fff}
button.no{border-color:var(--bad);color:var(--bad)}
@media(min-width:34rem){.buttons{display:flex;gap:.75rem}}
`;

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/**
 * Nothing is loaded from anywhere, framed, or kept. `Referrer-Policy` is `same-origin`, and not `no-referrer`: with that browsers send `Origin: null` with forms, and nobody could
 * tell this page's form from another site's. No other site is told an address either way.
 */
const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
};

function document(status: number, title: string, body: Markup): PageAnswer {
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${new Markup(STYLE)}</style></head>
<body><main>${body}</main></body></html>
`;
  return { status, headers: HEADERS, body: page.toString() };
}

/** A page that says why there is nothing to see. @param signIn where to sign in, relative to this host */
export const refusalPage = (status: number, why: string, signIn?: string): PageAnswer =>
  document(
    status,
    'Crosstrail',
    markup`<h1>Not shown</h1><p>${why}</p>${signIn === undefined ? '' : markup`<p><a href="${signIn}">Sign in</a></p>`}`,
  );

/** The page of a request: what would be done and why, and two buttons. Works without scripts, on a phone. */
export function approvalPage(status: number, page: ApprovalPage): PageAnswer {
  const { response, incident, notice, token, viewer, folder } = page;
  const { id, approval, title, steps } = response;
  const asked = askedSteps(response);
  const others = steps.filter((step) => !asked.includes(step));
  const request = approval && `, request ${approval.number}, plan ${approval.planHash.slice(0, 12)}`;
  const body = [
    markup`<p class="soft">Crosstrail</p><h1>${token === undefined ? '' : 'Approve? '}${title}</h1>`,
    noticePart(notice),
    approval && requestPart(approval, page),
    markup`<h2>Why</h2>${whyPart(response, incident)}`,
    asked.length === 0 ? '' : markup`<h2>What would be done</h2>${asked.map(stepPart)}`,
    others.length === 0
      ? ''
      : markup`<h2>${asked.length === 0 ? 'Steps' : 'Steps not asked about'}</h2><ul>${others.map(otherPart)}</ul>`,
    token === undefined ? '' : formPart(`${folder}${id}/answer`, token),
    markup`<p class="soft">You are ${viewer}. ${id}${request}</p>`,
  ];
  return document(status, `Approve: ${title}`, markup`${body}`);
}

function noticePart(notice: Notice | undefined): MarkupPart {
  if (notice === undefined) return undefined;
  const { kind, text, link } = notice;
  const more = link === undefined ? '' : markup` <a href="${link}">Look at it as it is now</a>`;
  return markup`<p class="notice ${kind}">${text}${more}</p>`;
}

function requestPart(request: ApprovalRequest, { now, token }: ApprovalPage): Markup {
  const left = request.expires - now;
  const until = `Ends in ${spanText(left)}, ${timeText(request.expires)}; no answer is a no.`;
  const answers = request.answers.map(({ by, answer, reason, at }) => {
    const said = `${answer === 'approve' ? 'approved' : 'declined'}, ${timeText(at)} (${by.by})`;
    return markup`<li>${by.name} ${said}${reason === undefined ? '' : `: ${reason}`}</li>`;
  });
  const list = answers.length === 0 ? '' : markup`<ul>${answers}</ul>`;
  return markup`<p><strong>${countText(request)}.</strong> ${token === undefined ? '' : until}</p>${list}`;
}

function whyPart(response: Response, incident: Incident | undefined): MarkupPart {
  const asks = markup`<p class="soft">Asked by ${requesterText(response)}.</p>`;
  if (incident === undefined) {
    const none = 'A person asked for it; there is no incident.';
    const away = `Incident ${response.incident ?? ''}; it cannot be shown at this moment.`;
    return [markup`<p>${response.incident === undefined ? none : away}</p>`, asks];
  }
  const { title, severity, score, context, story, id } = incident;
  return [
    markup`<p><strong>${severity}, ${score} of 100: ${title}</strong></p>`,
    context?.headline === undefined ? '' : markup`<p>${context.headline}</p>`,
    markup`<ul>${story.slice(0, MOST_OF_STORY).map((line) => markup`<li>${line.slice(0, 500)}</li>`)}</ul>`,
    story.length <= MOST_OF_STORY ? '' : markup`<p class="soft">and ${story.length - MOST_OF_STORY} more steps</p>`,
    markup`<p class="soft">${id}</p>`,
    asks,
  ];
}

function stepPart(step: Step): Markup {
  const { action, plan } = step;
  const guards = speakingGuards(step).map(
    ({ guard, says, reason }) => `${guard} ${says === 'ask' ? 'wants a person to look' : 'refuses'}: ${reason}`,
  );
  return markup`<section class="step"><h3>${action}${plan && `: ${plan.target.label}`}</h3>
${plan && markup`<p class="soft">${plan.target.kind} ${plan.target.id}</p>`}
${limited(plan?.changes ?? []).map(changePart)}${moreOf(plan?.changes ?? [])}
${listPart('Affects', plan?.affects ?? [])}${listPart('Guards', guards)}
${listPart('Stays with an attacker', residualTexts(step))}
<p>${leaseText(step)}</p></section>`;
}

function changePart({ summary, before, after, undo }: Change): Markup {
  const { lines, more } = changeLines(before, after);
  const shown = lines.map(({ sign, text }) =>
    sign === '+' ? markup`<ins>+ ${text}</ins>` : markup`<del>- ${text}</del>`,
  );
  const rest = more === 0 ? '' : `and ${more} more lines: crosstrail approvals show, with --format json`;
  return markup`<p><strong>${summary}</strong></p>${lines.length === 0 ? '' : markup`<pre>${shown}${rest}</pre>`}
<p class="soft">${undo === undefined ? 'Cannot be undone.' : `Undo: ${undo}`}</p>`;
}

function otherPart({ action, state, plan, parameters, problem }: Step): Markup {
  const target = plan?.target.label ?? canonicalJson(parameters).slice(0, 200);
  return markup`<li>${action}: ${target} (${state})${problem === undefined ? '' : `: ${problem}`}</li>`;
}

const formPart = (
  action: string,
  token: string,
): Markup => markup`<form method="post" action="${action}" autocomplete="off">
<input type="hidden" name="token" value="${token}">
<h2><label for="reason">Reason</label></h2>
<textarea id="reason" name="reason" maxlength="500" required placeholder="Needed to decline"></textarea>
<div class="buttons"><button class="yes" name="answer" value="approve" formnovalidate>Approve</button>
<button class="no" name="answer" value="decline">Decline</button></div></form>`;

function listPart(title: string, texts: readonly string[]): MarkupPart {
  if (texts.length === 0) return undefined;
  return markup`<h3>${title}</h3><ul>${limited(texts).map((text) => markup`<li>${text}</li>`)}</ul>${moreOf(texts)}`;
}

const limited = <T>(all: readonly T[]): readonly T[] => all.slice(0, MOST_SHOWN);

function moreOf(all: readonly unknown[]): MarkupPart {
  if (all.length <= MOST_SHOWN) return undefined;
  const text = `${all.length - MOST_SHOWN} more are not shown here: crosstrail approvals show, with --format json, shows all.`;
  return markup`<p class="notice bad">${text}</p>`;
}
