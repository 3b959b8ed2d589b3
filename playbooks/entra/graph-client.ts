import { secured, type AzureConnection } from '../../platform/azure/connection.ts';
import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { printable } from '../../platform/printable.ts';
import { RestClient } from '../../platform/rest/rest-client.ts';
import { isBusy, RestError } from '../../platform/rest/rest-error.ts';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';

/** A question to Microsoft Graph. */
export interface GraphRead {
  /** Below `/v1.0`; pieces that come from outside are encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** The application permission that it takes, for whoever lacks it. */
  readonly needs: string;
}

/** A change by Microsoft Graph. */
export interface GraphWrite {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: Json | undefined;
  readonly needs: string;
  /** Whether the same may be sent again where nothing is known of the first time. */
  readonly repeatable: boolean;
  /** Errors that say that it is done already. */
  readonly done?: ((error: RestError) => boolean) | undefined;
}

export interface GraphList {
  readonly items: readonly JsonObject[];
  /** False where there are more than were asked for. */
  readonly complete: boolean;
}

const LONGEST_REASON = 200;

/** Microsoft Graph v1.0, for one step of an action. */
export class GraphClient {
  readonly #rest: RestClient;
  /** Where it is, as links to next pages name it. */
  readonly #base: string;

  constructor({ endpoints, credential, httpClient }: AzureConnection, { clock, deadline }: ActionContext) {
    this.#base = `${endpoints.graph}/v1.0`;
    const authorization = () => bearer(credential, `${endpoints.graph}/.default`);
    this.#rest = new RestClient({ base: this.#base, authorization, clock, deadline, httpClient });
  }

  /** @throws ActionError */
  async get(read: GraphRead): Promise<JsonObject> {
    const { body } = await this.#asked(read.needs, () =>
      this.#rest.send({ method: 'GET', path: read.path, query: read.query, repeatable: true }),
    );
    return objectOf(body) ?? {};
  }

  /** Undefined where there is no such thing. @throws ActionError */
  async find(read: GraphRead): Promise<JsonObject | undefined> {
    try {
      return await this.get(read);
    } catch (error) {
      if (error instanceof ActionError && error.kind === 'absent') return undefined;
      throw error;
    }
  }

  /** The members of a list, page by page. @param most of them, about @throws ActionError */
  async list(read: GraphRead, most: number): Promise<GraphList> {
    const items: JsonObject[] = [];
    const met = new Set<string>();
    for (let next = read; ;) {
      const page: JsonObject = await this.get(next);
      for (const item of arrayOf(page['value']) ?? []) items.push(objectOf(item) ?? {});
      const link = textOf(page['@odata.nextLink']);
      if (link === undefined) return { items, complete: true };
      if (items.length >= most || met.has(link)) return { items, complete: false };
      met.add(link);
      next = this.#following(link, read);
    }
  }

  /** @throws ActionError */
  async write({ method, path, body, needs, repeatable, done }: GraphWrite): Promise<void> {
    await this.#asked(needs, async () => {
      try {
        await this.#rest.send({ method, path, body, repeatable });
      } catch (error) {
        if (!(error instanceof RestError && done?.(error) === true)) throw error;
      }
    });
  }

  /** Where a list goes on: only at the service itself, for the token goes along. */
  #following(link: string, read: GraphRead): GraphRead {
    const url = URL.parse(secured(link));
    const base = new URL(this.#base);
    if (url?.origin !== base.origin || !url.pathname.startsWith(`${base.pathname}/`)) {
      const where = printable(link.slice(0, LONGEST_REASON));
      throw new ActionError(
        'failed',
        `Microsoft Graph goes on at another server with ${read.path}: ${where} was not followed`,
      );
    }
    return { ...read, path: url.pathname.slice(base.pathname.length), query: Object.fromEntries(url.searchParams) };
  }

  async #asked<T>(needs: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw error instanceof RestError ? asActionError(error, needs) : error;
    }
  }
}

/** @throws ActionError where there is no way to Azure */
export const graphClient = async (context: ActionContext): Promise<GraphClient> =>
  new GraphClient(await context.connections.azure(), context);

/** @throws ActionError; the error of a credential may hold more than a log should, so only its first line is told */
async function bearer(credential: AzureConnection['credential'], scope: string): Promise<string> {
  let reason = 'it gave none';
  try {
    const token = await credential.getToken(scope);
    if (token !== null) return `Bearer ${token.token}`;
  } catch (error) {
    reason = printable(
      (error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown').slice(0, LONGEST_REASON),
    );
  }
  // Where tokens come from may be away for a moment like any other service.
  throw new ActionError(
    'busy',
    `No token for Microsoft Graph: ${reason}. Give the function app a managed identity, or sign in at this machine`,
  );
}

/** Licences that a tenant lacks: https://learn.microsoft.com/graph/api/resources/riskyuser and privileged identity management. */
const isUnlicensed = ({ code, message }: RestError): boolean =>
  code === 'AadPremiumLicenseRequired' || /not licensed for this feature/i.test(message);

function asActionError(error: RestError, needs: string): ActionError {
  const { status, message } = error;
  if (isBusy(error) || error.code === 'Directory_ConcurrencyViolation') {
    return new ActionError('busy', message, error.retryAfter);
  }
  if (isUnlicensed(error)) {
    return new ActionError('unsuitable', `${message}. The tenant needs Microsoft Entra ID P2 for it`);
  }
  if (status === 401) return new ActionError('forbidden', `${message}. Microsoft Graph does not take the token`);
  if (status === 403) {
    return new ActionError(
      'forbidden',
      `${message}. Either the identity lacks the application permission ${needs}, or the target holds a directory role: then a person with a higher role must do it`,
    );
  }
  return new ActionError(status === 404 ? 'absent' : 'failed', message);
}
