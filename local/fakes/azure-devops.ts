import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';

export interface FakeWorkItem {
  readonly id: number;
  rev: number;
  fields: JsonObject;
  readonly comments: string[];
}

export interface FakeAzureDevOpsOptions {
  /** The value of the authorization header that is accepted. */
  readonly authorization?: string;
  readonly organization?: string;
  readonly project?: string;
  readonly type?: string;
  readonly states?: readonly string[];
}

const PATCH = 'application/json-patch+json';
const WIQL =
  /^SELECT \[System\.Id\] FROM WorkItems WHERE \[System\.TeamProject\] = @project AND \[System\.Tags\] CONTAINS '([^']*)' ORDER BY \[System\.Id\] ASC$/;

/** Work items of one project of Azure DevOps. */
export class FakeAzureDevOps extends FakeService {
  readonly items = new Map<number, FakeWorkItem>();
  readonly #options: Required<FakeAzureDevOpsOptions>;
  #last = 0;

  constructor(options: FakeAzureDevOpsOptions = {}) {
    super();
    this.#options = {
      authorization: 'Bearer local',
      organization: 'contoso',
      project: 'Security Operations',
      type: 'Issue',
      states: ['To Do', 'Doing', 'Done'],
      ...options,
    };
  }

  protected override answer(request: FakeRequest): FakeAnswer {
    const { authorization, organization, project } = this.#options;
    // Whoever is not known gets a page to sign in, with a status of success.
    if (request.headers.authorization !== authorization) {
      return {
        status: 203,
        text: '<!DOCTYPE html><title>Azure DevOps Services | Sign In</title>',
        headers: { 'content-type': 'text/html' },
      };
    }
    const prefix = `/${organization}/${project}/_apis/wit/`;
    if (!request.path.startsWith(prefix)) return problem(404, 'TF200016: The following project does not exist.');
    if (request.query.get('api-version') === null) return problem(400, 'No api-version was supplied for the request.');
    const [kind = '', name = '', part] = request.path.slice(prefix.length).split('/');
    if (kind === 'wiql') return this.#query(request);
    if (kind.toLowerCase() !== 'workitems') return problem(404, 'The controller was not found.');
    if (name.startsWith('$')) return this.#create(request, name.slice(1));
    const item = this.items.get(Number(name));
    if (item === undefined)
      return problem(404, `TF401232: Work item ${name} does not exist, or you do not have permissions to read it.`);
    if (part === 'comments') return comments(request, item);
    return request.method === 'PATCH' ? this.#change(request, item) : { status: 200, body: shown(item) };
  }

  #query({ body }: FakeRequest): FakeAnswer {
    const tag = WIQL.exec(textOf(objectOf(body)?.['query']) ?? '')?.[1];
    if (tag === undefined) return problem(400, 'TF51006: The query statement is missing a FROM clause.');
    const found = [...this.items.values()].filter(({ fields }) => tagsOf(fields).some((each) => each.includes(tag)));
    return { status: 200, body: { queryType: 'flat', workItems: found.map(({ id }) => ({ id })) } };
  }

  #create({ method, headers, query, body }: FakeRequest, type: string): FakeAnswer {
    if (method !== 'POST') return problem(405, `The requested resource does not support http method '${method}'.`);
    if (headers['content-type'] !== PATCH)
      return problem(415, 'TF400898: the content type must be application/json-patch+json.');
    if (type !== this.#options.type) return problem(404, `VS402323: Work item type ${type} does not exist in project.`);
    const fields: JsonObject = { 'System.State': this.#options.states[0], 'Microsoft.VSTS.Common.Priority': 2 };
    const wrong = this.#apply(fields, arrayOf(body) ?? []);
    if (wrong !== undefined) return wrong;
    if (query.get('validateOnly') === 'true') return { status: 200, body: { rev: 1, fields } };
    const item: FakeWorkItem = { id: ++this.#last, rev: 1, fields, comments: [] };
    this.items.set(item.id, item);
    this.wrote('create work item', `#${item.id}`);
    return { status: 200, body: shown(item) };
  }

  /** All of it or nothing. */
  #change({ headers, body }: FakeRequest, item: FakeWorkItem): FakeAnswer {
    if (headers['content-type'] !== PATCH)
      return problem(415, 'TF400898: the content type must be application/json-patch+json.');
    const operations = (arrayOf(body) ?? []).map((each) => objectOf(each) ?? {});
    const stale = operations.some(({ op, path, value }) => op === 'test' && path === '/rev' && value !== item.rev);
    if (stale) return problem(412, 'VS403351: Test Operation for path /rev failed.');
    const fields = { ...item.fields };
    const wrong = this.#apply(
      fields,
      operations.filter(({ op }) => op !== 'test'),
    );
    if (wrong !== undefined) return wrong;
    const { 'System.History': history, ...others } = fields;
    if (textOf(history) !== undefined) item.comments.push(textOf(history) ?? '');
    item.fields = others;
    item.rev++;
    this.wrote('change work item', `#${item.id}`);
    return { status: 200, body: shown(item) };
  }

  /** @returns what is wrong with it */
  #apply(fields: JsonObject, operations: readonly Json[]): FakeAnswer | undefined {
    for (const operation of operations) {
      const { op, path, value } = objectOf(operation) ?? {};
      const name = /^\/fields\/([\w.]+)$/.exec(textOf(path) ?? '')?.[1];
      if (op !== 'add' || name === undefined)
        return problem(400, 'You must pass a valid patch document in the body of the request.');
      if (name === 'System.State' && !this.#options.states.includes(textOf(value) ?? '')) {
        return problem(
          400,
          `The field 'State' contains the value '${textOf(value) ?? ''}' that is not in the list of supported values`,
        );
      }
      fields[name] = value;
    }
    const title = textOf(fields['System.Title']) ?? '';
    return title === '' || title.length > 255 ? problem(400, 'TF401320: Rule Error for field Title.') : undefined;
  }
}

function comments({ query }: FakeRequest, { comments: all }: FakeWorkItem): FakeAnswer {
  if (!(query.get('api-version') ?? '').includes('preview'))
    return problem(400, 'The requested version is under preview: supply the -preview flag.');
  const order = query.get('order') === 'desc' ? all.toReversed() : all;
  const shownHere = order.slice(0, Number(query.get('$top') ?? 200)).map((text, at) => ({ id: at + 1, text }));
  return { status: 200, body: { totalCount: all.length, comments: shownHere } };
}

const problem = (status: number, message: string): FakeAnswer => ({
  status,
  body: { message, typeKey: 'RuleValidationException' },
});

const shown = ({ id, rev, fields }: FakeWorkItem): JsonObject => ({ id, rev, fields: { ...fields } });

const tagsOf = (fields: JsonObject): string[] =>
  (textOf(fields['System.Tags']) ?? '').split(';').map((tag) => tag.trim());
