import type { TicketsSettings } from '../../../platform/configuration/response/tickets.ts';
import { objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { printable } from '../../../platform/printable.ts';
import type { RestAnswer, RestClient, RestRequest } from '../../../platform/rest/rest-client.ts';
import type { Level } from '../../../pipeline/timeline/signal.ts';
import { ActionError } from '../../contract/action-error.ts';
import { asked, type RefusalWords } from '../../contract/refusal.ts';
import { adf, textOfAdf } from '../forms.ts';
import { basic, configured, idOf, objectsOf, orGone, restClient, secretOf, textsOf } from '../rest.ts';
import type { Attempts, Telling, Ticket, TicketConnections, TicketNews, TicketSystem } from '../ticket-system.ts';
import { fitting, type TicketText } from '../words.ts';

type JiraSettings = NonNullable<TicketsSettings['jira']>;

const API = '/rest/api/3';
/** The search may show changes only after minutes: https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile */
const SEARCH_LAG = 5 * 60_000;
/** A description takes 32,767 characters, its form among them. */
const ROOM = 10_000;
/** A page of a search may be empty though others follow. */
const MOST_PAGES = 5;
const FIELDS = ['labels', 'description'];

/**
 * Jira Cloud, by its REST API v3.
 * @throws ActionError of kind `input` where it is not configured
 */
export function jira(connections: TicketConnections): TicketSystem {
  const settings = configured(connections.connections.settings.tickets.jira, 'jira');
  return new Jira(settings, connections);
}

class Jira implements TicketSystem {
  readonly id: string;
  readonly label: string;
  readonly attempts: Attempts;
  readonly #settings: JiraSettings;
  readonly #rest: RestClient;
  readonly #words: RefusalWords;
  #account: Promise<string> | undefined;

  constructor(settings: JiraSettings, connections: TicketConnections) {
    const { base, project, userVariable, tokenVariable } = settings;
    this.#settings = settings;
    this.id = `jira|${base}|${project}`;
    this.label = `the project ${project} of Jira`;
    this.#words = {
      service: 'Jira',
      credential: `look at ${userVariable} and ${tokenVariable}, which it does not accept`,
      permission: `it wants permission to browse the project ${project}, create, edit and transition issues there and add comments`,
    };
    this.#rest = restClient(connections, base, async () =>
      basic(secretOf(connections, userVariable), secretOf(connections, tokenVariable)),
    );
    this.attempts = {
      lag: SEARCH_LAG,
      begun: async (key) => (await this.#attempt(key))?.begun,
      begin: (key, at) => this.#note(key, { begun: at }),
      forget: async (key) => {
        await this.#send({ method: 'DELETE', ...(await this.#property(key)), repeatable: true });
      },
    };
  }

  async find(key: string): Promise<Ticket | 'deleted' | undefined> {
    const issue = (await this.#attempt(key))?.issue;
    if (issue === undefined) return this.#search(key);
    return (await this.#issue(issue)) ?? 'deleted';
  }

  async check(): Promise<void> {
    const { project } = this.#settings;
    const wanted = ['CREATE_ISSUES', 'ADD_COMMENTS'];
    const query = { projectKey: project, permissions: wanted.join(',') };
    const { body } = await this.#send({ method: 'GET', path: `${API}/mypermissions`, query, repeatable: true });
    const given = objectOf(objectOf(body)?.['permissions']);
    const missing = wanted.filter((name) => objectOf(given?.[name])?.['havePermission'] !== true);
    if (missing.length === 0) return;
    throw new ActionError(
      'forbidden',
      `Jira: the account of response.tickets.jira lacks ${missing.join(' and ')} in ${project}: give it these there`,
    );
  }

  async create(key: string, { title, blocks }: TicketText, severity: Level): Promise<void> {
    const { project, issueType, priorities } = this.#settings;
    const priority = priorities[severity];
    const fields: JsonObject = {
      project: { key: project },
      issuetype: { name: issueType },
      summary: title,
      description: adf(fitting(blocks, ROOM)),
      labels: ['crosstrail', key],
      ...(priority === undefined ? {} : { priority: { name: priority } }),
    };
    const made = await this.#send({ method: 'POST', path: `${API}/issue`, body: { fields }, repeatable: false });
    const issue = idOf(objectOf(made.body)?.['id'], 'Jira');
    // Without the note it is found by the search, later.
    await this.#note(key, { issue }).catch(() => undefined);
  }

  async tell(id: string, news: TicketNews): Promise<Telling> {
    const issue = await this.#fields(id, ['priority', 'status']);
    if (issue === undefined) return { is: 'gone' };
    if (!(await this.#isCommented(id, news.mark))) {
      const body = { body: adf([...fitting(news.blocks, ROOM), { lines: [[news.mark]] }]) };
      await this.#send({ method: 'POST', path: `${API}/issue/${id}/comment`, body, repeatable: false });
    }
    const isDone = textOf(objectOf(objectOf(issue['status'])?.['statusCategory'])?.['key']) === 'done';
    if (isDone) return { is: 'told', problems: [] };
    await this.#prioritise(id, textOf(objectOf(issue['priority'])?.['name']), news);
    if (news.close === undefined) return { is: 'told', problems: [] };
    return { is: 'told', problems: await this.#close(id) };
  }

  /** Only a priority that is as it was given last; what a person chose stays. */
  async #prioritise(id: string, now: string | undefined, { severity }: TicketNews): Promise<void> {
    const [from, to] = [this.#settings.priorities[severity.from], this.#settings.priorities[severity.to]];
    if (to === undefined || now === to || (from !== undefined && now !== from)) return;
    const body = { fields: { priority: { name: to } } };
    await this.#send({ method: 'PUT', path: `${API}/issue/${id}`, body, repeatable: true });
  }

  async #close(id: string): Promise<string[]> {
    const path = `${API}/issue/${id}/transitions`;
    const wanted = this.#settings.closeTransition?.toLowerCase();
    const { body } = await this.#send({ method: 'GET', path, repeatable: true });
    const transition = objectsOf(objectOf(body)?.['transitions']).find(({ name, to }) => {
      const status = objectOf(to);
      if (wanted === undefined) return textOf(objectOf(status?.['statusCategory'])?.['key']) === 'done';
      return [name, status?.['name']].some((each) => textOf(each)?.toLowerCase() === wanted);
    });
    if (transition === undefined)
      return [`no transition closes it from where it stands: set response.tickets.jira.closeTransition`];
    const chosen = { transition: { id: idOf(transition['id'], 'Jira') } };
    await this.#send({ method: 'POST', path, body: chosen, repeatable: false });
    return [];
  }

  /** The latest come first: what was begun a while ago is among the first hundred. */
  async #isCommented(id: string, mark: string): Promise<boolean> {
    const query = { orderBy: '-created', maxResults: '100' };
    const { body } = await this.#send({ method: 'GET', path: `${API}/issue/${id}/comment`, query, repeatable: true });
    return objectsOf(objectOf(body)?.['comments']).some((comment) => textOfAdf(comment['body']).includes(mark));
  }

  /** The oldest issue that has the label. */
  async #search(key: string): Promise<Ticket | undefined> {
    const jql = `project = "${this.#settings.project}" AND labels = "${key}" ORDER BY created ASC`;
    let nextPageToken: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const asking = { jql, fields: FIELDS, maxResults: 10, ...(nextPageToken === undefined ? {} : { nextPageToken }) };
      const answer = await this.#send({ method: 'POST', path: `${API}/search/jql`, body: asking, repeatable: true });
      const body = objectOf(answer.body);
      const found = objectsOf(body?.['issues']).find((issue) =>
        textsOf(objectOf(issue['fields'])?.['labels']).includes(key),
      );
      if (found !== undefined) return ticketOf(found);
      nextPageToken = textOf(body?.['nextPageToken']);
      if (nextPageToken === undefined) return undefined;
    }
    return undefined;
  }

  async #issue(id: string): Promise<Ticket | undefined> {
    const answer = await this.#ask(orGone(this.#rest.send(issueRequest(id, FIELDS))));
    const issue = objectOf(answer?.body);
    return issue && ticketOf(issue);
  }

  async #fields(id: string, fields: readonly string[]): Promise<JsonObject | undefined> {
    const answer = await this.#ask(orGone(this.#rest.send(issueRequest(id, fields))));
    return answer && (objectOf(objectOf(answer.body)?.['fields']) ?? {});
  }

  async #attempt(key: string): Promise<{ begun?: number | undefined; issue?: string | undefined } | undefined> {
    const request: RestRequest = { method: 'GET', ...(await this.#property(key)), repeatable: true };
    const answer = await this.#ask(orGone(this.#rest.send(request)));
    const value = objectOf(objectOf(answer?.body)?.['value']);
    if (value === undefined) return undefined;
    const { begun, issue } = value;
    return {
      begun: typeof begun === 'number' ? begun : undefined,
      issue: issue === undefined ? undefined : idOf(issue, 'Jira'),
    };
  }

  async #note(key: string, value: JsonObject): Promise<void> {
    await this.#send({ method: 'PUT', ...(await this.#property(key)), body: value, repeatable: true });
  }

  /**
   * A property of the account's own user, which any account may write and which is read as it was written:
   * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-user-properties/
   */
  async #property(key: string): Promise<Pick<RestRequest, 'path' | 'query'>> {
    this.#account ??= this.#send({ method: 'GET', path: `${API}/myself`, repeatable: true }).then(({ body }) => {
      const account = textOf(objectOf(body)?.['accountId']);
      if (account !== undefined) return account;
      throw new ActionError('failed', 'Jira does not say whose the credential is');
    });
    return { path: `${API}/user/properties/${key}`, query: { accountId: await this.#account } };
  }

  #send(request: RestRequest): Promise<RestAnswer> {
    return this.#ask(this.#rest.send(request));
  }

  #ask<T>(what: Promise<T>): Promise<T> {
    return asked(what, this.#words);
  }
}

const issueRequest = (id: string, fields: readonly string[]): RestRequest => ({
  method: 'GET',
  path: `${API}/issue/${id}`,
  query: { fields: fields.join(',') },
  repeatable: true,
});

function ticketOf(issue: JsonObject): Ticket {
  const id = idOf(issue['id'], 'Jira');
  const description: Json | undefined = objectOf(issue['fields'])?.['description'];
  return { id, name: printable((textOf(issue['key']) ?? id).slice(0, 80)), text: textOfAdf(description) };
}
