import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { RestClient } from '../../platform/rest/rest-client.ts';
import { ActionError } from '../contract/action-error.ts';
import { unless } from '../contract/refusal.ts';
import type { TicketConnections } from './ticket-system.ts';

/**
 * A service of tickets at an address.
 * @param authorization the value of that header, asked for each request
 */
export const restClient = (
  { clock, deadline }: TicketConnections,
  base: string,
  authorization: () => Promise<string>,
): RestClient => new RestClient({ base, authorization, clock, deadline });

/**
 * A secret of the configuration.
 * @throws ActionError of kind `input` where it is not set
 */
export function secretOf({ connections }: TicketConnections, variable: string): string {
  const value = connections.secret(variable);
  if (value !== undefined && value !== '') return value;
  throw new ActionError(
    'input',
    `the environment variable ${variable} is not set: set it to the secret that this action needs`,
  );
}

/** https://www.rfc-editor.org/rfc/rfc7617 */
export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** What an action needs of the configuration. @throws ActionError of kind `input` where it is not there */
export function configured<T>(section: T | undefined, path: string): T {
  if (section !== undefined) return section;
  throw new ActionError(
    'input',
    `response.tickets.${path} is not configured: say in crosstrail.yaml where tickets are opened`,
  );
}

/** The objects of a list that a service gave. */
export const objectsOf = (value: Json | undefined): JsonObject[] =>
  (arrayOf(value) ?? []).map((item) => objectOf(item)).filter((item) => item !== undefined);

/** The texts of a list that a service gave. */
export const textsOf = (value: Json | undefined): string[] =>
  (arrayOf(value) ?? []).map((item) => textOf(item)).filter((item) => item !== undefined);

/** A text or a whole number that a service gave as an id. @throws ActionError where it gave none */
export function idOf(value: Json | undefined, of: string): string {
  const id = typeof value === 'number' ? String(value) : textOf(value);
  if (id !== undefined && /^[\w-]{1,64}$/.test(id)) return id;
  throw new ActionError('failed', `${of} gave an answer without a usable id`);
}

/** The answer, or undefined where the service says that there is no such thing, or that it went elsewhere. */
export const orGone = <T>(what: Promise<T>): Promise<T | undefined> => unless(what, 301, 404, 410);
