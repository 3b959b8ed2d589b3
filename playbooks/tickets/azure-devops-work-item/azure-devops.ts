import type { TicketsSettings } from '../../../platform/configuration/response/tickets.ts';
import { isLoopback } from '../../../platform/azure/endpoints.ts';
import { objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { printable } from '../../../platform/printable.ts';
import type { RestAnswer, RestClient, RestRequest } from '../../../platform/rest/rest-client.ts';
import type { Level } from '../../../pipeline/timeline/signal.ts';
import { ActionError } from '../../contract/action-error.ts';
import { asked, type RefusalWords } from '../../contract/refusal.ts';
import { html } from '../forms.ts';
import { basic, configured, idOf, objectsOf, orGone, restClient, secretOf } from '../rest.ts';
import type { Telling, Ticket, TicketConnections, TicketNews, TicketSystem } from '../ticket-system.ts';
import { fitting, type TicketText } from '../words.ts';

type AzureDevOpsSettings = NonNullable<TicketsSettings['azureDevOps']>;

/** Azure DevOps, as tokens of Microsoft Entra name it: https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/service-principal-managed-identity */
const SCOPE = '499b84ac-1321-427f-aa17-267ca6975798/.default';
const API = { 'api-version': '7.1' };
/** Comments are in preview: https://learn.microsoft.com/rest/api/azure/devops/wit/comments/get-comments */
const COMMENTS_API = { 'api-version': '7.1-preview.4' };
const PATCH = 'application/json-patch+json';
const ROOM = 20_000;
const TITLE = '/fields/System.Title';
const PRIORITY = 'Microsoft.VSTS.Common.Priority';
const PRIORITIES: Readonly<Record<Level, number>> = { critical: 1, high: 2, medium: 3, low: 4, informational: 4 };
/** Of a change that was tested against a revision that is not the latest any more. */
const CHANGED = 412;
/** How a change that the process of the project does not allow is refused. */
const REFUSALS: ReadonlySet<string> = new Set(['failed', 'conflict']);

/**
 * Work items of Azure DevOps, found by a tag. News go in one change with the comment that tells them, tested against the revision that was looked at.
 * https://learn.microsoft.com/rest/api/azure/devops/wit/work-items
 * @throws ActionError of kind `input` where it is not configured
 */
export function azureDevOps(connections: TicketConnections): TicketSystem {
  const settings = configured(connections.connections.settings.tickets.azureDevOps, 'azureDevOps');
  return new AzureDevOps(settings, connections);
}

class AzureDevOps implements TicketSystem {
  readonly id: string;
  readonly label: string;
  readonly #settings: AzureDevOpsSettings;
  readonly #path: string;
  readonly #rest: RestClient;
  readonly #words: RefusalWords;

  constructor(settings: AzureDevOpsSettings, connections: TicketConnections) {
    const { base, organization, project, tokenVariable } = settings;
    this.#settings = settings;
    this.#path = `/${organization}/${encodeURIComponent(project)}/_apis/wit`;
    this.id = `azure-devops|${base}|${organization.toLowerCase()}/${project.toLowerCase()}`;
    this.label = `the project ${project} of Azure DevOps`;
    this.#words = {
      service: 'Azure DevOps',
      credential: `look at ${tokenVariable ?? 'the identity of the function app'}, which it does not accept`,
      permission: `it wants permission to view and edit work items of ${project} and to create tag definitions`,
    };
    this.#rest = restClient(connections, base, () => authorization(settings, connections));
  }

  async find(key: string): Promise<Ticket | undefined> {
    // The key is of letters, digits and hyphens: no quotation mark can end the literal.
    const query = `SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.Tags] CONTAINS '${key}' ORDER BY [System.Id] ASC`;
    const request: RestRequest = {
      method: 'POST',
      path: `${this.#path}/wiql`,
      query: { ...API, $top: '10' },
      body: { query },
      repeatable: true,
    };
    const { body } = await this.#send(request);
    for (const found of objectsOf(objectOf(body)?.['workItems'])) {
      const id = idOf(found['id'], 'Azure DevOps');
      const fields = objectOf((await this.#item(id))?.['fields']);
      if (fields !== undefined && tagsOf(fields).includes(key)) {
        return { id, name: `#${id}`, text: textOf(fields['System.Description']) ?? '' };
      }
    }
    return undefined;
  }

  async check(key: string, text: TicketText, severity: Level): Promise<void> {
    await this.#make(key, text, severity, { validateOnly: 'true' });
  }

  async create(key: string, text: TicketText, severity: Level): Promise<void> {
    const { body } = await this.#make(key, text, severity, {});
    const fields = objectOf(objectOf(body)?.['fields']) ?? {};
    if (tagsOf(fields).includes(key)) return;
    const id = idOf(objectOf(body)?.['id'], 'Azure DevOps');
    throw new ActionError(
      'forbidden',
      `Azure DevOps made work item ${id} without its tag, so it cannot be found again; delete it`,
    );
  }

  #make(
    key: string,
    { title, blocks }: TicketText,
    severity: Level,
    query: Readonly<Record<string, string>>,
  ): Promise<RestAnswer> {
    const body: Json = [
      { op: 'add', path: TITLE, value: title },
      { op: 'add', path: '/fields/System.Description', value: html(fitting(blocks, ROOM)) },
      { op: 'add', path: '/fields/System.Tags', value: `crosstrail; ${key}` },
      { op: 'add', path: `/fields/${PRIORITY}`, value: PRIORITIES[severity] },
    ];
    const path = `${this.#path}/workitems/$${encodeURIComponent(this.#settings.type)}`;
    return this.#send({
      method: 'POST',
      path,
      query: { ...API, ...query },
      body,
      contentType: PATCH,
      repeatable: query['validateOnly'] === 'true',
    });
  }

  async tell(id: string, news: TicketNews): Promise<Telling> {
    const item = await this.#item(id);
    if (item === undefined) return { is: 'gone' };
    if (await this.#isCommented(id, news.mark)) return { is: 'told', problems: [] };
    const fields = objectOf(item['fields']) ?? {};
    const told = [
      { op: 'test', path: '/rev', value: typeof item['rev'] === 'number' ? item['rev'] : 0 },
      {
        op: 'add',
        path: '/fields/System.History',
        value: html([...fitting(news.blocks, ROOM), { lines: [[news.mark]] }]),
      },
      ...this.#priority(fields, news),
    ];
    const { closeState } = this.#settings;
    const close = news.close !== undefined && textOf(fields['System.State']) !== closeState;
    const state = { op: 'add', path: '/fields/System.State', value: closeState };
    try {
      await this.#change(id, close ? [...told, state] : told);
      return { is: 'told', problems: [] };
    } catch (error) {
      if (!close || !(error instanceof ActionError) || !REFUSALS.has(error.kind)) throw error;
    }
    await this.#change(id, told);
    return {
      is: 'told',
      problems: [`it cannot be brought to the state ${closeState}: set response.tickets.azureDevOps.closeState`],
    };
  }

  /** Only where it stands as it was given last; what a person chose stays. */
  #priority(fields: JsonObject, { severity: { from, to } }: TicketNews): JsonObject[] {
    if (fields[PRIORITY] !== PRIORITIES[from] || PRIORITIES[from] === PRIORITIES[to]) return [];
    return [{ op: 'add', path: `/fields/${PRIORITY}`, value: PRIORITIES[to] }];
  }

  /** All of it or nothing. */
  async #change(id: string, body: JsonObject[]): Promise<void> {
    const path = `${this.#path}/workitems/${id}`;
    try {
      await this.#send({ method: 'PATCH', path, query: API, body, contentType: PATCH, repeatable: false });
    } catch (error) {
      const isChanged = error instanceof ActionError && error.message.includes(`status ${CHANGED}`);
      throw isChanged ? new ActionError('busy', `work item ${id} is being changed by somebody else`) : error;
    }
  }

  async #isCommented(id: string, mark: string): Promise<boolean> {
    const path = `${this.#path}/workItems/${id}/comments`;
    const query = { ...COMMENTS_API, $top: '100', order: 'desc' };
    const { body } = await this.#send({ method: 'GET', path, query, repeatable: true });
    return objectsOf(objectOf(body)?.['comments']).some(({ text }) => textOf(text)?.includes(mark));
  }

  async #item(id: string): Promise<JsonObject | undefined> {
    const request: RestRequest = { method: 'GET', path: `${this.#path}/workitems/${id}`, query: API, repeatable: true };
    return objectOf((await asked(orGone(this.#rest.send(request)), this.#words))?.body);
  }

  #send(request: RestRequest): Promise<RestAnswer> {
    return asked(this.#rest.send(request), this.#words);
  }
}

/** A personal access token, or one of the identity; a server of this machine gets none of the identity. */
async function authorization(
  { base, tokenVariable }: AzureDevOpsSettings,
  connections: TicketConnections,
): Promise<string> {
  if (tokenVariable !== undefined) return basic('', secretOf(connections, tokenVariable));
  if (isLoopback(base)) return 'Bearer local';
  const token = await identityToken(connections);
  if (token !== undefined) return `Bearer ${token}`;
  throw new ActionError('forbidden', 'the identity of the function app got no token for Azure DevOps');
}

/** @throws ActionError of kind `busy`: whoever gives tokens does not say whether it is away or there is no such identity */
async function identityToken({ connections }: TicketConnections): Promise<string | undefined> {
  try {
    const { credential } = await connections.azure();
    return (await credential.getToken(SCOPE))?.token;
  } catch (error) {
    const why = error instanceof Error ? printable((error.message.split('\n')[0] ?? '').slice(0, 300)) : 'unknown';
    throw new ActionError('busy', `the identity of the function app got no token for Azure DevOps: ${why}`);
  }
}

const tagsOf = (fields: JsonObject): string[] =>
  (textOf(fields['System.Tags']) ?? '').split(';').map((tag) => tag.trim());
