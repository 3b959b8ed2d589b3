import type { TicketsSettings } from '../../../platform/configuration/response/tickets.ts';
import { objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import { printable } from '../../../platform/printable.ts';
import type { RestAnswer, RestClient, RestRequest } from '../../../platform/rest/rest-client.ts';
import type { Level } from '../../../pipeline/timeline/signal.ts';
import { ActionError } from '../../contract/action-error.ts';
import { asked, type RefusalWords } from '../../contract/refusal.ts';
import { plain } from '../forms.ts';
import { basic, configured, idOf, objectsOf, orGone, restClient, secretOf } from '../rest.ts';
import type { Telling, Ticket, TicketConnections, TicketNews, TicketSystem } from '../ticket-system.ts';
import { fitting, tame, type TicketText } from '../words.ts';

type ServiceNowSettings = NonNullable<TicketsSettings['servicenow']>;

/** A description has 4,000 characters and a short one 160; what is longer is cut without a word. */
const ROOM = 3600;
const MAX_TITLE = 160;
const FIELDS = 'sys_id,number,description,correlation_id,correlation_display,state,impact,urgency';
/** A record in this state takes no changes. */
const CLOSED = '7';

/** Impact and urgency, of which the service makes the priority. https://www.servicenow.com/docs/bundle/xanadu-it-service-management/page/product/incident-management/concept/prioritization-of-incidents.html */
const WEIGHTS: Readonly<Record<Level, { readonly impact: string; readonly urgency: string }>> = {
  critical: { impact: '1', urgency: '1' },
  high: { impact: '2', urgency: '1' },
  medium: { impact: '2', urgency: '2' },
  low: { impact: '3', urgency: '2' },
  informational: { impact: '3', urgency: '3' },
};

/**
 * ServiceNow, by its Table API. The key stands in `correlation_id`, and the number of what was told last in `correlation_display`: both are written with what they
 * are about in one request, so nothing is told twice.
 * @throws ActionError of kind `input` where it is not configured
 */
export function servicenow(connections: TicketConnections): TicketSystem {
  const settings = configured(connections.connections.settings.tickets.servicenow, 'servicenow');
  return new ServiceNow(settings, connections);
}

class ServiceNow implements TicketSystem {
  readonly id: string;
  readonly label: string;
  readonly #settings: ServiceNowSettings;
  readonly #path: string;
  readonly #rest: RestClient;
  readonly #words: RefusalWords;

  constructor(settings: ServiceNowSettings, connections: TicketConnections) {
    const { base, table, userVariable, passwordVariable, tokenVariable } = settings;
    this.#settings = settings;
    this.#path = `/api/now/table/${table}`;
    this.id = `servicenow|${base}|${table}`;
    this.label = `the table ${table} of ServiceNow`;
    this.#words = {
      service: 'ServiceNow',
      credential: `look at ${tokenVariable ?? `${userVariable} and ${passwordVariable}`}, which it does not accept`,
      permission: `it wants a role that may read, create and write ${table}, such as sn_incident_write`,
    };
    this.#rest = restClient(connections, base, async () =>
      tokenVariable === undefined
        ? basic(secretOf(connections, userVariable), secretOf(connections, passwordVariable))
        : `Bearer ${secretOf(connections, tokenVariable)}`,
    );
  }

  async find(key: string): Promise<Ticket | undefined> {
    const query = {
      sysparm_query: `correlation_id=${key}^ORDERBYsys_created_on`,
      sysparm_fields: FIELDS,
      sysparm_limit: '10',
    };
    const { body } = await this.#send({ method: 'GET', path: this.#path, query, repeatable: true });
    // A query with a field that is unknown or may not be read finds every record there is.
    const record = objectsOf(objectOf(body)?.['result']).find((each) => each['correlation_id'] === key);
    if (record === undefined) return undefined;
    const id = idOf(record['sys_id'], 'ServiceNow');
    const name = printable((textOf(record['number']) ?? id).slice(0, 80));
    return { id, name, text: textOf(record['description']) ?? '' };
  }

  async create(key: string, { title, blocks }: TicketText, severity: Level): Promise<void> {
    const { assignmentGroup } = this.#settings;
    const body: JsonObject = {
      short_description: tame(title, MAX_TITLE),
      description: plain(fitting(blocks, ROOM)),
      correlation_id: key,
      correlation_display: display(0),
      ...WEIGHTS[severity],
      ...(assignmentGroup === undefined ? {} : { assignment_group: assignmentGroup }),
    };
    const query = { sysparm_fields: FIELDS };
    const made = await this.#send({ method: 'POST', path: this.#path, query, body, repeatable: false });
    const record = objectOf(objectOf(made.body)?.['result']);
    // Fields that the role may not write are left out without a word.
    if (record?.['correlation_id'] === key) return;
    const number = printable((textOf(record?.['number']) ?? '').slice(0, 80));
    const why = `ServiceNow made ${number} without its correlation_id, so it cannot be found again: let the role write that field, and delete ${number}`;
    throw new ActionError('forbidden', why);
  }

  async tell(id: string, news: TicketNews): Promise<Telling> {
    const record = await this.#record(id);
    if (record === undefined) return { is: 'gone' };
    if (toldIn(record) >= news.number) return { is: 'told', problems: [] };
    if (record['state'] === CLOSED) return { is: 'told', problems: ['it is closed for good, and takes nothing more'] };
    const body: JsonObject = {
      work_notes: plain(fitting(news.blocks, ROOM)),
      correlation_display: display(news.number),
      ...this.#weight(record, news),
      ...this.#closing(record, news),
    };
    const query = { sysparm_fields: FIELDS };
    // Once: what it adds to the journal it would add again.
    await this.#send({ method: 'PATCH', path: `${this.#path}/${id}`, query, body, repeatable: false });
    return { is: 'told', problems: [] };
  }

  /** Only where it stands as it was given last; what a person chose stays. */
  #weight({ impact, urgency }: JsonObject, { severity }: TicketNews): JsonObject {
    const last = WEIGHTS[severity.from];
    return impact === last.impact && urgency === last.urgency ? { ...WEIGHTS[severity.to] } : {};
  }

  #closing({ state }: JsonObject, { close }: TicketNews): JsonObject {
    const { closeState, closeCode } = this.#settings;
    if (close === undefined || Number(state) >= closeState) return {};
    return { state: String(closeState), close_code: closeCode, close_notes: `Closed in Crosstrail as ${close}.` };
  }

  async #record(id: string): Promise<JsonObject | undefined> {
    const query = { sysparm_fields: FIELDS };
    const request: RestRequest = { method: 'GET', path: `${this.#path}/${id}`, query, repeatable: true };
    const answer = await asked(orGone(this.#rest.send(request)), this.#words);
    return objectOf(objectOf(answer?.body)?.['result']);
  }

  #send(request: RestRequest): Promise<RestAnswer> {
    return asked(this.#rest.send(request), this.#words);
  }
}

const display = (number: number): string => `Crosstrail, update ${number}`;

/** The number of what was told last. */
function toldIn(record: JsonObject): number {
  const match = /^Crosstrail, update (\d{1,9})$/.exec(textOf(record['correlation_display']) ?? '');
  return match === null ? 0 : Number(match[1]);
}
