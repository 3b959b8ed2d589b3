import { arrayOf, objectOf, textOf, type JsonObject } from '../../platform/json.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';

export interface FakeGitHubIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  labels: readonly string[];
  state: 'open' | 'closed';
  state_reason: string | null;
  readonly isPullRequest?: boolean;
}

export interface FakeGitHubIssuesOptions {
  readonly token?: string;
  readonly repository?: string;
  /** Whether the token may write labels; without, issues are made without any. */
  readonly push?: boolean;
}

/** What is said to who makes too much too fast. https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
export const SECONDARY_LIMIT: FakeAnswer = {
  status: 403,
  headers: { 'retry-after': '2' },
  body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' },
};

/** Issues, labels and comments of one repository at GitHub. */
export class FakeGitHubIssues extends FakeService {
  readonly issues = new Map<number, FakeGitHubIssue>();
  readonly comments = new Map<number, string[]>();
  readonly labels = new Set<string>(['bug']);
  readonly #options: Required<FakeGitHubIssuesOptions>;

  constructor(options: FakeGitHubIssuesOptions = {}) {
    super();
    this.#options = { token: 'github-token', repository: 'contoso/incidents', push: true, ...options };
  }

  /** Deletes an issue, as administrators can. */
  delete(number: number): void {
    this.issues.delete(number);
  }

  protected override answer(request: FakeRequest): FakeAnswer {
    const { token, repository } = this.#options;
    if (request.headers.authorization !== `Bearer ${token}`) return problem(401, 'Bad credentials');
    const prefix = `/repos/${repository}/`;
    if (!request.path.startsWith(prefix)) return problem(404, 'Not Found');
    const [kind = '', ...rest] = request.path.slice(prefix.length).split('/');
    if (kind === 'labels') return this.#label(request, rest[0]);
    if (kind !== 'issues') return problem(404, 'Not Found');
    if (rest[0] === undefined)
      return request.method === 'POST' ? this.#create(objectOf(request.body) ?? {}) : this.#list(request);
    const number = Number(rest[0]);
    const issue = this.issues.get(number);
    if (issue === undefined) return problem(number <= this.#last ? 410 : 404, 'This issue was deleted');
    if (rest[1] === 'comments') return this.#comment(request, issue);
    if (rest[1] === 'labels') return this.#relabel(request, issue, rest[2]);
    return request.method === 'PATCH'
      ? this.#change(objectOf(request.body) ?? {}, issue)
      : { status: 200, body: shown(issue) };
  }

  #last = 0;

  #label({ method, body }: FakeRequest, name: string | undefined): FakeAnswer {
    if (method === 'GET')
      return this.labels.has(name ?? '') ? { status: 200, body: { name: name ?? '' } } : problem(404, 'Not Found');
    if (!this.#options.push) return problem(403, 'Resource not accessible by personal access token');
    const wanted = textOf(objectOf(body)?.['name']) ?? '';
    if (wanted === '' || wanted.length > 50) return problem(422, 'Validation Failed');
    if (this.labels.has(wanted))
      return {
        status: 422,
        body: { message: 'Validation Failed', errors: [{ resource: 'Label', code: 'already_exists', field: 'name' }] },
      };
    this.labels.add(wanted);
    this.wrote('create label', wanted);
    return { status: 201, body: { name: wanted } };
  }

  #list({ query }: FakeRequest): FakeAnswer {
    const wanted = (query.get('labels') ?? '').split(',').filter((label) => label !== '');
    const state = query.get('state') ?? 'open';
    const found = [...this.issues.values()].filter(
      (issue) => wanted.every((label) => issue.labels.includes(label)) && (state === 'all' || issue.state === state),
    );
    const order = query.get('direction') === 'asc' ? found : found.toReversed();
    return { status: 200, body: order.slice(0, Number(query.get('per_page') ?? 30)).map(shown) };
  }

  #create(body: JsonObject): FakeAnswer {
    const [title, text] = [textOf(body['title']) ?? '', textOf(body['body']) ?? ''];
    if (title === '' || title.length > 256 || text.length > 65_536) return problem(422, 'Validation Failed');
    const labels = this.#options.push ? (arrayOf(body['labels']) ?? []).map(String) : [];
    for (const label of labels) this.labels.add(label);
    const number = ++this.#last;
    const issue: FakeGitHubIssue = { number, title, body: text, labels, state: 'open', state_reason: null };
    this.issues.set(number, issue);
    this.wrote('create issue', `#${number}`);
    return { status: 201, body: shown(issue) };
  }

  #comment({ method, query, body }: FakeRequest, { number }: FakeGitHubIssue): FakeAnswer {
    const comments = this.comments.get(number) ?? [];
    if (method === 'GET') {
      const [size, page] = [Number(query.get('per_page') ?? 30), Number(query.get('page') ?? 1)];
      const shownHere = comments.slice(size * (page - 1), size * page);
      return { status: 200, body: shownHere.map((text, at) => ({ id: at + 1, body: text })) };
    }
    const text = textOf(objectOf(body)?.['body']);
    if (text === undefined || text.length > 65_536) return problem(422, 'Validation Failed');
    this.comments.set(number, [...comments, text]);
    this.wrote('comment', `#${number}`);
    return { status: 201, body: { id: comments.length + 1, body: text } };
  }

  #relabel({ method, body }: FakeRequest, issue: FakeGitHubIssue, name: string | undefined): FakeAnswer {
    const before = issue.labels;
    if (method === 'DELETE' && !before.includes(name ?? '')) return problem(404, 'Label does not exist');
    const added = (arrayOf(objectOf(body)?.['labels']) ?? []).map(String);
    issue.labels = method === 'DELETE' ? before.filter((label) => label !== name) : [...new Set([...before, ...added])];
    for (const label of added) this.labels.add(label);
    if (issue.labels.length !== before.length) this.wrote(`${method} label`, `#${issue.number}`);
    return { status: 200, body: issue.labels.map((label) => ({ name: label })) };
  }

  #change(body: JsonObject, issue: FakeGitHubIssue): FakeAnswer {
    if (body['state'] === 'closed' && issue.state !== 'closed') {
      issue.state = 'closed';
      issue.state_reason = textOf(body['state_reason']) ?? 'completed';
      this.wrote('close issue', `#${issue.number}`);
    }
    return { status: 200, body: shown(issue) };
  }
}

const problem = (status: number, message: string): FakeAnswer => ({ status, body: { message } });

const shown = ({ number, title, body, labels, state, state_reason, isPullRequest }: FakeGitHubIssue): JsonObject => ({
  number,
  title,
  body,
  labels: labels.map((name) => ({ name })),
  state,
  state_reason,
  ...(isPullRequest === true ? { pull_request: {} } : {}),
});
