/**
 * A Microsoft Sentinel that answers its REST API (2025-09-01) on loopback as the service does: tags that change with every write and a conflict (409, or 412
 * for If-Match) for who writes on an old one, lists in pages, limits of requests by operation with Retry-After, limits of sizes, read-only properties that it
 * works out itself, a PUT that replaces all else. Its time is a Clock.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../platform/clock.ts';
import { arrayOf, objectOf, parseJson, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { LoopbackServer } from './loopback-server.ts';

export const WORKSPACE_ID =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/soc-contoso';

/** The ARM id of an incident of {@link WORKSPACE_ID}. */
export const incidentId = (name: string, workspace = WORKSPACE_ID): string =>
  `${workspace}/providers/Microsoft.SecurityInsights/Incidents/${name}`;

/** One request, as the service saw it. */
export interface SeenRequest {
  readonly method: string;
  /** What follows `Microsoft.SecurityInsights`: `/incidents/<name>/comments/<name>`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly ifMatch: string | undefined;
  readonly body: JsonObject | undefined;
  readonly time: number;
}

/** How a request is to fail. */
export interface Failure {
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of JSON. */
  readonly html?: string;
}

interface Resource {
  etag: string;
  properties: JsonObject;
}

interface FakeIncident extends Resource {
  readonly workspace: string;
  readonly name: string;
  readonly comments: Map<string, Resource>;
  readonly tasks: Map<string, Resource>;
  alerts: JsonObject[];
  entities: JsonObject[];
}

const SPAN = 5 * 60_000;
const PAGE = 50;
const MAX = { comments: 100, comment: 30_000, tasks: 40, description: 5000 };
const READ_ONLY = [
  'additionalData',
  'createdTimeUtc',
  'lastModifiedTimeUtc',
  'incidentNumber',
  'incidentUrl',
  'providerName',
  'providerIncidentId',
  'relatedAnalyticRuleIds',
];

class Refusal extends Error {
  readonly failure: Failure;
  constructor(status: number, code: string, message = code) {
    super(message);
    this.failure = { status, code, message };
  }
}

export class FakeSentinel {
  readonly #clock: Clock;
  readonly #server: LoopbackServer;
  readonly #incidents = new Map<string, FakeIncident>();
  readonly #sent = new Map<string, number[]>();
  #version = 0;
  readonly seen: SeenRequest[] = [];
  /** How many requests were over a limit. */
  throttled = 0;
  /** Decides whether a request fails. */
  failure: (request: SeenRequest) => Failure | undefined = () => undefined;
  /** Is called before a write is looked at: somebody else may write first. */
  beforeWrite: (request: SeenRequest) => void = () => undefined;
  /** Whether the connection breaks when a request was carried out and before it is answered. */
  breaks: (request: SeenRequest) => boolean = () => false;
  /** How the service says that something was changed meanwhile. */
  conflictStatus: 409 | 412 = 409;
  /** Members of a page of any list. */
  page = PAGE;
  /** How long an answer takes, milliseconds. */
  latency = 0;

  private constructor(clock: Clock) {
    this.#clock = clock;
    this.#server = new LoopbackServer(
      (request, response) => this.#answer(request, response),
      (response, error) =>
        fail(response, error instanceof Refusal ? error.failure : { status: 500, message: String(error) }),
    );
  }

  static async start(clock: Clock): Promise<FakeSentinel> {
    const fake = new FakeSentinel(clock);
    await fake.#server.listen();
    return fake;
  }

  /** For `azure.endpoints.arm`. */
  get url(): string {
    return this.#server.url;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Puts an incident there, as rules of Sentinel do. @returns its ARM id */
  add(
    name: string,
    properties: JsonObject = {},
    { alerts = [], entities = [] }: { alerts?: JsonObject[]; entities?: JsonObject[] } = {},
    workspace = WORKSPACE_ID,
  ): string {
    const now = this.#now();
    const number = this.#incidents.size + 3001;
    const incident: FakeIncident = {
      workspace: workspace.toLowerCase(),
      name,
      etag: this.#etag(),
      properties: {
        title: 'Sign-in from an unfamiliar place',
        severity: 'Medium',
        status: 'New',
        labels: [],
        owner: { objectId: null, email: null, assignedTo: null, userPrincipalName: null },
        createdTimeUtc: now,
        lastModifiedTimeUtc: now,
        incidentNumber: number,
        incidentUrl: `https://portal.azure.com/#asset/incident/${name}`,
        providerName: 'Azure Sentinel',
        providerIncidentId: String(number),
        relatedAnalyticRuleIds: [],
        ...properties,
        additionalData: {
          alertsCount: alerts.length,
          commentsCount: 0,
          bookmarksCount: 0,
          alertProductNames: ['Azure Sentinel'],
          tactics: [],
          ...objectOf(properties['additionalData']),
        },
      },
      comments: new Map(),
      tasks: new Map(),
      alerts,
      entities,
    };
    this.#incidents.set(key(workspace, name), incident);
    return incidentId(name, workspace);
  }

  /** Changes an incident as a person in the portal does. */
  edit(name: string, properties: JsonObject, workspace = WORKSPACE_ID): void {
    const incident = this.#incident(workspace, name);
    this.#touch(incident, { ...incident.properties, ...properties });
  }

  /** Adds a task as a person does. */
  addTask(name: string, id: string, properties: JsonObject): void {
    this.#incident(WORKSPACE_ID, name).tasks.set(id, { etag: this.#etag(), properties });
  }

  /** Adds a comment as a person does. */
  addComment(name: string, id: string, message: string): void {
    this.#putComment(this.#incident(WORKSPACE_ID, name), id, { properties: { message } }, undefined);
  }

  delete(name: string, workspace = WORKSPACE_ID): void {
    this.#incidents.delete(key(workspace, name));
  }

  /** Names of the incidents of a workspace, in order. */
  names(workspace = WORKSPACE_ID): string[] {
    return [...this.#incidents.values()]
      .filter((each) => each.workspace === workspace.toLowerCase())
      .map(({ name }) => name)
      .sort();
  }

  properties(name: string, workspace = WORKSPACE_ID): JsonObject {
    return this.#incident(workspace, name).properties;
  }

  comments(name: string): { id: string; message: string }[] {
    return [...this.#incident(WORKSPACE_ID, name).comments].map(([id, { properties }]) => ({
      id,
      message: textOf(properties['message']) ?? '',
    }));
  }

  tasks(name: string): { id: string; properties: JsonObject }[] {
    return [...this.#incident(WORKSPACE_ID, name).tasks].map(([id, { properties }]) => ({ id, properties }));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const sent = await text(request);
    if (request.headers.authorization === undefined) throw new Refusal(401, 'AuthenticationFailed');
    if (url.searchParams.get('api-version') !== '2025-09-01') throw new Refusal(400, 'UnsupportedApiVersion');
    const [scope = '', path = ''] = decodeURIComponent(url.pathname).split(
      /\/providers\/Microsoft\.SecurityInsights(?=\/)/i,
    );
    const seen: SeenRequest = {
      method: request.method ?? '',
      path,
      query: url.searchParams,
      ifMatch: request.headers['if-match'],
      body: sent === '' ? undefined : objectOf(parseJson(sent)),
      time: this.#clock.now(),
    };
    this.seen.push(seen);
    if (this.latency > 0) await sleep(this.latency);
    const failure = this.failure(seen) ?? this.#limit(seen, scope);
    if (failure !== undefined) {
      fail(response, failure);
      return;
    }
    if (seen.method === 'PUT') this.beforeWrite(seen);
    const { status = 200, body } = this.#route(seen, scope);
    if (this.breaks(seen)) {
      response.destroy();
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
  }

  #limit({ method, path }: SeenRequest, scope: string): Failure | undefined {
    const operation = `${scope.split('/')[2] ?? ''} ${method} ${path
      .split('/')
      .filter((_, at) => at % 2 === 1)
      .join('/')}`;
    const now = this.#clock.now();
    const recent = (this.#sent.get(operation) ?? []).filter((time) => time > now - SPAN);
    this.#sent.set(operation, recent);
    if (recent.length < (method === 'PUT' ? 75 : 100)) {
      recent.push(now);
      return undefined;
    }
    this.throttled++;
    const seconds = Math.ceil(((recent[0] ?? now) + SPAN - now) / 1000);
    return { status: 429, code: 'TooManyRequests', headers: { 'retry-after': String(Math.max(seconds, 1)) } };
  }

  #route(seen: SeenRequest, scope: string): { status?: number; body: Json } {
    const [, collection = '', name = '', part = '', member] = seen.path.split('/');
    if (collection.toLowerCase() !== 'incidents') throw new Refusal(404, 'NotFound');
    if (name === '') return { body: this.#list(scope, seen.query) };
    if (part === '' && seen.method === 'PUT') return this.#putIncident(scope, name, seen);
    const incident = this.#incident(scope, name);
    if (part === '') return { body: shownIncident(incident) };
    if (seen.method === 'POST' && part === 'alerts') return { body: { value: incident.alerts } };
    if (seen.method === 'POST' && part === 'entities') return { body: { entities: incident.entities, metaData: [] } };
    if (part !== 'comments' && part !== 'tasks') throw new Refusal(404, 'NotFound');
    const members = incident[part];
    const at = `${incidentId(name, scope)}/${part}`;
    if (member === undefined) {
      const all = [...members].map(([id, resource]) => shown(at, id, resource));
      return { body: this.#paged(all, seen.query, `${scope}/providers/Microsoft.SecurityInsights${seen.path}`) };
    }
    const there = members.get(member);
    if (seen.method === 'GET') {
      if (there === undefined) throw new Refusal(404, 'NotFound', `${part} '${member}' was not found`);
      return { body: shown(at, member, there) };
    }
    this.#match(seen, there);
    if (part === 'comments') this.#putComment(incident, member, seen.body, there);
    else this.#putTask(incident, member, seen.body, there);
    const now = members.get(member);
    return { status: there === undefined ? 201 : 200, body: now === undefined ? null : shown(at, member, now) };
  }

  #putIncident(scope: string, name: string, seen: SeenRequest): { status: number; body: Json } {
    const there = this.#incidents.get(key(scope, name));
    this.#match(seen, there);
    const properties = objectOf(seen.body?.['properties']) ?? {};
    checkIncident(properties);
    if (there === undefined) {
      this.add(name, { labels: [], ...properties }, {}, scope);
      return { status: 201, body: shownIncident(this.#incident(scope, name)) };
    }
    const kept = Object.fromEntries(READ_ONLY.map((property) => [property, there.properties[property]]));
    this.#touch(there, { labels: [], ...properties, ...kept });
    return { status: 200, body: shownIncident(there) };
  }

  #putComment(incident: FakeIncident, id: string, body: JsonObject | undefined, there: Resource | undefined): void {
    const message = textOf(objectOf(body?.['properties'])?.['message']);
    if (message === undefined || message.length > MAX.comment) throw new Refusal(400, 'InvalidComment');
    if (there === undefined && incident.comments.size >= MAX.comments) throw new Refusal(400, 'TooManyComments');
    incident.comments.set(id, { etag: this.#etag(), properties: { message, lastModifiedTimeUtc: this.#now() } });
    const additional = { ...objectOf(incident.properties['additionalData']), commentsCount: incident.comments.size };
    this.#touch(incident, { ...incident.properties, additionalData: additional });
  }

  #putTask(incident: FakeIncident, id: string, body: JsonObject | undefined, there: Resource | undefined): void {
    const properties = objectOf(body?.['properties']) ?? {};
    const fits =
      textOf(properties['title']) !== undefined && ['New', 'Completed'].includes(written(properties['status']));
    if (!fits) throw new Refusal(400, 'InvalidTask');
    if (there === undefined && incident.tasks.size >= MAX.tasks) throw new Refusal(400, 'TooManyTasks');
    incident.tasks.set(id, { etag: this.#etag(), properties });
  }

  /** A tag may come in the body, as the service documents it, or as If-Match. */
  #match({ body, ifMatch }: SeenRequest, there: Resource | undefined): void {
    const tags = [textOf(body?.['etag']), ifMatch].filter((tag) => tag !== undefined);
    const old = tags.some((tag) => tag !== there?.etag) || (there !== undefined && tags.length === 0);
    if (!old) return;
    throw new Refusal(this.conflictStatus, 'Conflict', 'Newer version of resource exists. Data was not saved');
  }

  #list(scope: string, query: URLSearchParams): Json {
    const filter = query.get('$filter') ?? '';
    const since = /lastModifiedTimeUtc ge (\S+)/.exec(filter)?.[1] ?? '';
    const number = /incidentNumber eq (\d+)/.exec(filter)?.[1];
    const open = filter.includes(`status ne 'Closed'`);
    const found = [...this.#incidents.values()]
      .filter(({ workspace }) => workspace === scope.toLowerCase())
      .filter(({ properties }) => written(properties['lastModifiedTimeUtc']) >= since)
      .filter(({ properties }) => !open || properties['status'] !== 'Closed')
      .filter(({ properties }) => number === undefined || written(properties['incidentNumber']) === number)
      .sort((a, b) =>
        written(a.properties['lastModifiedTimeUtc']) < written(b.properties['lastModifiedTimeUtc']) ? 1 : -1,
      );
    return this.#paged(found.map(shownIncident), query, `${scope}/providers/Microsoft.SecurityInsights/incidents`);
  }

  #paged(all: readonly JsonObject[], query: URLSearchParams, path: string): JsonObject {
    const from = Number(query.get('$skipToken') ?? 0);
    const size = Math.min(Number(query.get('$top') ?? this.page), this.page);
    const value = all.slice(from, from + size);
    if (from + size >= all.length) return { value };
    const next = new URLSearchParams(query);
    next.set('$skipToken', String(from + size));
    return { value, nextLink: `${this.url}${path}?${next.toString()}` };
  }

  #incident(workspace: string, name: string): FakeIncident {
    const incident = this.#incidents.get(key(workspace, name));
    if (incident === undefined) throw new Refusal(404, 'NotFound', `Incident '${name}' was not found`);
    return incident;
  }

  #touch(incident: FakeIncident, properties: JsonObject): void {
    incident.etag = this.#etag();
    incident.properties = { ...properties, lastModifiedTimeUtc: this.#now() };
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  #etag(): string {
    this.#version++;
    return `"${this.#version.toString(16).padStart(8, '0')}-0000-0000-0000-5c37296e0000"`;
  }
}

function checkIncident(properties: JsonObject): void {
  const severe = ['Informational', 'Low', 'Medium', 'High'].includes(written(properties['severity']));
  const status = ['New', 'Active', 'Closed'].includes(written(properties['status']));
  if (!severe || !status || textOf(properties['title']) === undefined)
    throw new Refusal(400, 'BadRequest', 'title, severity, status');
  if ((textOf(properties['description'])?.length ?? 0) > MAX.description) throw new Refusal(400, 'DescriptionTooLong');
  if (properties['status'] === 'Closed' && properties['classification'] === undefined) {
    throw new Refusal(400, 'BadRequest', 'classification is required to close an incident');
  }
  const labels = arrayOf(properties['labels']) ?? [];
  if (labels.some((label) => textOf(objectOf(label)?.['labelName']) === undefined))
    throw new Refusal(400, 'InvalidLabel');
}

const written = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

const key = (workspace: string, name: string): string => `${workspace} ${name}`.toLowerCase();

const shownIncident = ({ workspace, name, etag, properties }: FakeIncident): JsonObject => ({
  id: incidentId(name, workspace),
  name,
  type: 'Microsoft.SecurityInsights/Incidents',
  etag,
  properties,
});

const shown = (at: string, name: string, { etag, properties }: Resource): JsonObject => ({
  id: `${at}/${name}`,
  name,
  etag,
  properties,
});

function fail(response: ServerResponse, { status, code, message, headers, html }: Failure): void {
  response.writeHead(status, { 'content-type': html === undefined ? 'application/json' : 'text/html', ...headers });
  response.end(html ?? JSON.stringify({ error: { code: code ?? 'Error', message: message ?? code ?? 'Error' } }));
}
