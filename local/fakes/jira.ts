import type { Clock } from '../../platform/clock.ts';
import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';

export interface FakeIssue {
  readonly id: string;
  readonly key: string;
  readonly project: string;
  /** When the search shows it, milliseconds since 1970-01-01T00:00:00Z. */
  readonly indexed: number;
  summary: string;
  description: Json;
  labels: readonly string[];
  priority: string;
  status: string;
  readonly comments: { readonly id: string; readonly body: Json }[];
}

export interface FakeJiraOptions {
  readonly clock: Clock;
  readonly user?: string;
  readonly token?: string;
  readonly project?: string;
  /** How long a new issue stays out of searches, milliseconds. */
  readonly lag?: number;
  /** Whether the first page of a search is empty though another follows, as happens. */
  readonly emptyFirst?: boolean;
  /** Of the account in the project. */
  readonly permissions?: readonly string[];
}

const ACCOUNT = '5b10ac8d82e05b22cc7d4ef5';
const PRIORITIES = ['Highest', 'High', 'Medium', 'Low', 'Lowest'];
/** Statuses with the key of their category. */
const STATUSES: Readonly<Record<string, string>> = {
  'To Do': 'new',
  'In Progress': 'indeterminate',
  Done: 'done',
  Declined: 'done',
};
const TRANSITIONS = [
  { id: '21', name: 'Start', to: 'In Progress' },
  { id: '31', name: 'Finish', to: 'Done' },
  { id: '41', name: 'Decline', to: 'Declined' },
];
const JQL = /^project = "([A-Z][A-Z0-9_]*)" AND labels = "([^"\\\s]+)"(?: ORDER BY created ASC)?$/;

/** One project of Jira Cloud: what its REST API v3 gives of issues, comments, transitions and properties of the own user. */
export class FakeJira extends FakeService {
  readonly issues = new Map<string, FakeIssue>();
  /** Of the own user. Notes of a client, no changes of the project. */
  readonly properties = new Map<string, Json>();
  readonly #options: Required<FakeJiraOptions>;
  #last = 0;

  constructor(options: FakeJiraOptions) {
    super();
    this.#options = {
      user: 'crosstrail@contoso.example',
      token: 'jira-token',
      project: 'SEC',
      lag: 20_000,
      emptyFirst: false,
      permissions: ['CREATE_ISSUES', 'ADD_COMMENTS'],
      ...options,
    };
  }

  protected override answer(request: FakeRequest): FakeAnswer {
    const { user, token } = this.#options;
    const credential = Buffer.from(`${user}:${token}`).toString('base64');
    if (request.headers.authorization !== `Basic ${credential}`)
      return problem(401, 'Client must be authenticated to access this resource.');
    const [kind = '', ...rest] = request.path.replace(/^\/rest\/api\/3\//, '').split('/');
    if (kind === 'myself') return { status: 200, body: { accountId: ACCOUNT, active: true } };
    if (kind === 'mypermissions') return this.#permissions(request);
    if (kind === 'user' && rest[0] === 'properties') return this.#property(request, rest[1] ?? '');
    if (kind === 'search')
      return rest[0] === 'jql'
        ? this.#search(request)
        : problem(410, 'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.');
    if (kind === 'issue') return this.#issue(request, rest);
    return problem(404, 'null for uri');
  }

  #permissions({ query }: FakeRequest): FakeAnswer {
    const { project, permissions } = this.#options;
    if (query.get('projectKey') !== project)
      return problem(404, `No project could be found with key '${query.get('projectKey') ?? ''}'.`);
    const asked = (query.get('permissions') ?? '').split(',');
    const given = asked.map((key) => [key, { key, havePermission: permissions.includes(key) }]);
    return { status: 200, body: { permissions: Object.fromEntries(given) as JsonObject } };
  }

  #property({ method, query, body }: FakeRequest, key: string): FakeAnswer {
    if (query.get('accountId') !== ACCOUNT)
      return problem(403, 'Only administrators may access properties of other users.');
    const known = this.properties.get(key);
    if (method === 'PUT') {
      this.properties.set(key, body ?? null);
      return { status: known === undefined ? 201 : 200, body: {} };
    }
    if (known === undefined) return problem(404, `The property with key '${key}' does not exist.`);
    if (method === 'GET') return { status: 200, body: { key, value: known } };
    this.properties.delete(key);
    return { status: 204 };
  }

  /** Pages without a total. */
  #search({ method, body }: FakeRequest): FakeAnswer {
    const asked = objectOf(body) ?? {};
    const match = JQL.exec(textOf(asked['jql']) ?? '');
    if (method !== 'POST' || match === null) return problem(400, 'Unbounded JQL queries are not allowed here.');
    const found = [...this.issues.values()].filter(
      ({ project, labels, indexed }) =>
        project === match[1] && labels.includes(match[2] ?? '') && indexed <= this.#options.clock.now(),
    );
    const token = textOf(asked['nextPageToken']);
    if (this.#options.emptyFirst && token === undefined) {
      return { status: 200, body: { issues: [], isLast: false, nextPageToken: '0' } };
    }
    const from = Number(token ?? 0);
    const size = Math.min(Number(asked['maxResults'] ?? 50), 100);
    const page = found.slice(from, from + size).map((issue) => shown(issue, arrayOf(asked['fields']) ?? []));
    const isLast = from + size >= found.length;
    return { status: 200, body: { issues: page, isLast, ...(isLast ? {} : { nextPageToken: String(from + size) }) } };
  }

  #issue(request: FakeRequest, [id, part]: readonly string[]): FakeAnswer {
    const { method, query, body } = request;
    if (id === undefined)
      return method === 'POST' ? this.#create(objectOf(objectOf(body)?.['fields']) ?? {}) : problem(405, '');
    const issue = [...this.issues.values()].find((each) => each.id === id || each.key === id);
    if (issue === undefined) return problem(404, 'Issue does not exist or you do not have permission to see it.');
    if (part === 'comment') return this.#comment(request, issue);
    if (part === 'transitions') return this.#transition(request, issue);
    if (method === 'GET') return { status: 200, body: shown(issue, (query.get('fields') ?? '*all').split(',')) };
    return this.#edit(issue, objectOf(objectOf(body)?.['fields']) ?? {});
  }

  #create(fields: JsonObject): FakeAnswer {
    const { clock, lag, project } = this.#options;
    const errors = {
      ...(objectOf(fields['project'])?.['key'] === project ? {} : { project: 'valid project is required' }),
      ...(objectOf(fields['issuetype'])?.['name'] === 'Task' ? {} : { issuetype: 'Specify a valid issue type' }),
      ...fieldErrors(fields),
    };
    if (Object.keys(errors).length > 0) return { status: 400, body: { errorMessages: [], errors } };
    const number = ++this.#last;
    const [id, key] = [String(10_000 + number), `${project}-${number}`];
    this.issues.set(id, {
      id,
      key,
      project,
      indexed: clock.now() + lag,
      summary: textOf(fields['summary']) ?? '',
      description: fields['description'] ?? null,
      labels: (arrayOf(fields['labels']) ?? []).map(String),
      priority: textOf(objectOf(fields['priority'])?.['name']) ?? 'Medium',
      status: 'To Do',
      comments: [],
    });
    this.wrote('create issue', key);
    return { status: 201, body: { id, key, self: `${this.url}/rest/api/3/issue/${id}` } };
  }

  #edit(issue: FakeIssue, fields: JsonObject): FakeAnswer {
    const priority = textOf(objectOf(fields['priority'])?.['name']);
    if (priority === undefined || !PRIORITIES.includes(priority)) {
      return { status: 400, body: { errorMessages: [], errors: { priority: 'The priority selected is invalid.' } } };
    }
    if (issue.priority !== priority) this.wrote('set priority', issue.key);
    issue.priority = priority;
    return { status: 204 };
  }

  #comment({ method, query, body }: FakeRequest, issue: FakeIssue): FakeAnswer {
    if (method === 'GET') {
      const order = query.get('orderBy') === '-created' ? issue.comments.toReversed() : issue.comments;
      const comments = order.slice(0, Number(query.get('maxResults') ?? 50)).map((comment) => ({ ...comment }));
      return { status: 200, body: { comments, total: issue.comments.length, startAt: 0 } };
    }
    const document = objectOf(body)?.['body'] ?? null;
    if (!isDocument(document))
      return {
        status: 400,
        body: { errorMessages: ['INVALID_INPUT'], errors: { comment: 'Comment body is not valid!' } },
      };
    const id = String(500 + issue.comments.length);
    issue.comments.push({ id, body: document });
    this.wrote('comment', issue.key);
    return { status: 201, body: { id, body: document } };
  }

  #transition({ method, body }: FakeRequest, issue: FakeIssue): FakeAnswer {
    const possible = TRANSITIONS.filter(({ to }) => to !== issue.status && STATUSES[issue.status] !== 'done');
    if (method === 'GET') {
      const transitions = possible.map(({ id, name, to }) => ({ id, name, to: statusOf(to) }));
      return { status: 200, body: { transitions } };
    }
    const chosen = possible.find(({ id }) => id === textOf(objectOf(objectOf(body)?.['transition'])?.['id']));
    if (chosen === undefined)
      return problem(400, 'It seems that you have tried to perform an illegal workflow operation.');
    issue.status = chosen.to;
    this.wrote(`transition to ${chosen.to}`, issue.key);
    return { status: 204 };
  }
}

const problem = (status: number, message: string): FakeAnswer => ({
  status,
  body: { errorMessages: [message], errors: {} },
});

const statusOf = (name: string): JsonObject => ({ name, statusCategory: { key: STATUSES[name] ?? 'new' } });

function shown(issue: FakeIssue, fields: readonly Json[]): JsonObject {
  const { id, key, summary, description, labels, priority, status } = issue;
  const all: JsonObject = {
    summary,
    description,
    labels: [...labels],
    priority: { name: priority },
    status: statusOf(status),
  };
  const wanted = Object.entries(all).filter(([name]) => fields.includes(name) || fields.includes('*all'));
  return { id, key, ...(wanted.length === 0 ? {} : { fields: Object.fromEntries(wanted) }) };
}

function fieldErrors(fields: JsonObject): JsonObject {
  const summary = textOf(fields['summary']) ?? '';
  const priority = textOf(objectOf(fields['priority'])?.['name']);
  const labels = arrayOf(fields['labels']) ?? [];
  return {
    ...(summary === '' || summary.length > 255 || /[\r\n]/.test(summary) ? { summary: 'The summary is invalid.' } : {}),
    ...(isDocument(fields['description'] ?? null)
      ? {}
      : { description: 'Operation value must be an Atlassian Document (see the Atlassian Document Format)' }),
    ...(labels.some((label) => typeof label !== 'string' || /\s/.test(label))
      ? { labels: 'The label contains spaces which is invalid.' }
      : {}),
    ...(priority === undefined || PRIORITIES.includes(priority)
      ? {}
      : { priority: 'The priority selected is invalid.' }),
  };
}

/** Whether it is a document of the Atlassian Document Format, of the kinds of nodes that are used here. */
function isDocument(node: Json): boolean {
  const document = objectOf(node);
  return (
    document?.['type'] === 'doc' && document['version'] === 1 && (arrayOf(document['content']) ?? []).every(isNode)
  );
}

function isNode(node: Json): boolean {
  const { type, text, content } = objectOf(node) ?? {};
  if (type === 'text') return textOf(text) !== undefined;
  const known = ['paragraph', 'heading', 'bulletList', 'listItem'].includes(textOf(type) ?? '');
  const inner = arrayOf(content) ?? [];
  return known && (type === 'paragraph' || inner.length > 0) && inner.every(isNode);
}
