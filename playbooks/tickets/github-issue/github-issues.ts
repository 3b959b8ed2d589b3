import type { TicketsSettings } from '../../../platform/configuration/response/tickets.ts';
import { objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { RestAnswer, RestClient, RestRequest } from '../../../platform/rest/rest-client.ts';
import { LEVELS, type Level } from '../../../pipeline/timeline/signal.ts';
import { ActionError } from '../../contract/action-error.ts';
import { asked, type RefusalWords } from '../../contract/refusal.ts';
import { markdown } from '../forms.ts';
import { configured, idOf, objectsOf, orGone, restClient, secretOf } from '../rest.ts';
import type { Closing, Telling, Ticket, TicketConnections, TicketNews, TicketSystem } from '../ticket-system.ts';
import { fitting, type TicketText } from '../words.ts';

type GitHubSettings = NonNullable<TicketsSettings['github']>;

/** A body takes 65,536 characters. */
const ROOM = 20_000;
const PAGE = 100;
const MOST_PAGES = 10;
/** Clocks differ, and comments are listed by when they were changed. */
const BEFORE = 10 * 60_000;
const HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
const COLOUR = '5319e7';

/**
 * Issues of a repository at GitHub. They are found by a label of their own, by listing: the search shows new issues only after a while.
 * https://docs.github.com/rest/issues/issues
 * @throws ActionError of kind `input` where it is not configured
 */
export function githubIssues(connections: TicketConnections): TicketSystem {
  const settings = configured(connections.connections.settings.tickets.github, 'github');
  return new GitHubIssues(settings, connections);
}

class GitHubIssues implements TicketSystem {
  readonly id: string;
  readonly label: string;
  readonly #path: string;
  readonly #rest: RestClient;
  readonly #words: RefusalWords;

  constructor({ base, repository, tokenVariable }: GitHubSettings, connections: TicketConnections) {
    this.#path = `/repos/${repository}`;
    this.id = `github|${base}|${repository.toLowerCase()}`;
    this.label = `the repository ${repository} of GitHub`;
    this.#words = {
      service: 'GitHub',
      credential: `look at ${tokenVariable}, which it does not accept`,
      permission: `it wants permission to write issues of ${repository}`,
    };
    this.#rest = restClient(connections, base, async () => `Bearer ${secretOf(connections, tokenVariable)}`);
  }

  async find(key: string): Promise<Ticket | undefined> {
    const query = { labels: key, state: 'all', sort: 'created', direction: 'asc', per_page: '10' };
    const { body } = await this.#send({ method: 'GET', path: `${this.#path}/issues`, query, repeatable: true });
    // Pull requests are listed as issues too.
    const issue = objectsOf(body).find((each) => each['pull_request'] === undefined && labelsOf(each).includes(key));
    if (issue === undefined) return undefined;
    const id = idOf(issue['number'], 'GitHub');
    return { id, name: `#${id}`, text: textOf(issue['body']) ?? '' };
  }

  async create(key: string, { title, blocks }: TicketText, severity: Level): Promise<void> {
    // By itself, for whoever may not make labels makes an issue without them, which could never be found again.
    await this.#label(key);
    const body = { title, body: markdown(fitting(blocks, ROOM)), labels: ['crosstrail', key, severityLabel(severity)] };
    const made = await this.#send({ method: 'POST', path: `${this.#path}/issues`, body, repeatable: false });
    const issue = objectOf(made.body) ?? {};
    if (labelsOf(issue).includes(key)) return;
    const number = idOf(issue['number'], 'GitHub');
    throw new ActionError(
      'forbidden',
      `GitHub made issue ${number} without its labels: the token needs write access to issues; close that issue`,
    );
  }

  async tell(id: string, news: TicketNews): Promise<Telling> {
    const path = `${this.#path}/issues/${id}`;
    const answer = await asked(orGone(this.#rest.send({ ...COMMON, method: 'GET', path })), this.#words);
    const issue = objectOf(answer?.body);
    if (issue === undefined) return { is: 'gone' };
    if (!(await this.#isCommented(path, news))) {
      const body = { body: `${markdown(fitting(news.blocks, ROOM))}\n\n${news.mark}` };
      await this.#send({ method: 'POST', path: `${path}/comments`, body, repeatable: false });
    }
    if (issue['state'] === 'closed') return { is: 'told', problems: [] };
    await this.#relabel(path, labelsOf(issue), news);
    if (news.close === undefined) return { is: 'told', problems: [] };
    const body = { state: 'closed', state_reason: STATE_REASONS[news.close] };
    await this.#send({ method: 'PATCH', path, body, repeatable: true });
    return { is: 'told', problems: [] };
  }

  /** Only where its label is the one that it was given last; what a person chose stays. */
  async #relabel(path: string, labels: readonly string[], { severity: { from, to } }: TicketNews): Promise<void> {
    const ours = LEVELS.map(severityLabel).filter((label) => labels.includes(label));
    const wanted = severityLabel(to);
    if (ours.length === 1 && ours[0] === wanted) return;
    if (ours.some((label) => label !== severityLabel(from) && label !== wanted)) return;
    const body = { labels: [wanted] };
    await this.#send({ method: 'POST', path: `${path}/labels`, body, repeatable: true });
    for (const label of ours) {
      if (label === wanted) continue;
      const old: RestRequest = { ...COMMON, method: 'DELETE', path: `${path}/labels/${encodeURIComponent(label)}` };
      await asked(orGone(this.#rest.send(old)), this.#words);
    }
  }

  async #isCommented(path: string, { mark, since }: TicketNews): Promise<boolean> {
    const from = new Date(since - BEFORE).toISOString();
    for (let page = 1; page <= MOST_PAGES; page++) {
      const query = { since: from, per_page: String(PAGE), page: String(page) };
      const { body } = await this.#send({ method: 'GET', path: `${path}/comments`, query, repeatable: true });
      const comments = objectsOf(body);
      if (comments.some((comment) => textOf(comment['body'])?.includes(mark))) return true;
      if (comments.length < PAGE) return false;
    }
    return false;
  }

  async #label(key: string): Promise<void> {
    const path = `${this.#path}/labels`;
    const there: RestRequest = { ...COMMON, method: 'GET', path: `${path}/${key}` };
    if ((await asked(orGone(this.#rest.send(there)), this.#words)) !== undefined) return;
    const body = { name: key, color: COLOUR, description: 'The issue of an incident of Crosstrail' };
    try {
      await this.#send({ method: 'POST', path, body, repeatable: true });
    } catch (error) {
      // 422 where another made it in between; making the issue says whatever else is wrong.
      if (!(error instanceof ActionError) || error.kind !== 'failed') throw error;
    }
  }

  #send(request: RestRequest): Promise<RestAnswer> {
    return asked(this.#rest.send({ ...request, headers: HEADERS }), this.#words);
  }
}

const COMMON = { headers: HEADERS, repeatable: true } as const;

const STATE_REASONS: Readonly<Record<Closing, 'completed' | 'not_planned'>> = {
  'true-positive': 'completed',
  benign: 'not_planned',
  'false-positive': 'not_planned',
  merged: 'not_planned',
  withdrawn: 'not_planned',
};

const severityLabel = (severity: Level): string => `severity: ${severity}`;

/** Labels are objects, and texts in old answers. */
function labelsOf(issue: JsonObject): string[] {
  const labels: readonly Json[] = Array.isArray(issue['labels']) ? issue['labels'] : [];
  return labels.map((label) => textOf(label) ?? textOf(objectOf(label)?.['name'])).filter((name) => name !== undefined);
}
