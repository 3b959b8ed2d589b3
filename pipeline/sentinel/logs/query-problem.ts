import { arrayOf, objectOf, textOf, type Json } from '../../../platform/json.ts';
import { printable } from '../../../platform/printable.ts';
import type { LogQuery } from './log-query.ts';

const LONGEST_MESSAGE = 200;

/**
 * Why a query gave nothing, in words for people.
 * @param isOver whether there is no time left
 */
export function problemOf(error: unknown, { title, tables }: LogQuery, isOver: boolean): string {
  if (isOver) return `${title}: no time was left to ask`;
  const status = fieldOf(error, 'statusCode');
  const { code, message } = innermost(objectOf(objectOf(fieldOf(error, 'details'))?.['error']));
  if (code === 'SEM0100') return `${title}: the workspace has no ${tables.join(', ')}, or they lack a column`;
  if (status === 401 || status === 403) {
    return `${title}: the workspace lets Crosstrail's identity read nothing of ${tables.join(', ')}; it needs a role such as Microsoft Sentinel Reader`;
  }
  if (status === 404) return `${title}: there is no such workspace; sentinel.workspaces in the configuration names it`;
  if (status === 429) return `${title}: the workspace is asked too much at the moment`;
  if (status === 504 || fieldOf(error, 'name') === 'AbortError') return `${title}: the workspace took too long`;
  // Of an answer that is no JSON the SDK says no more than where it stumbled.
  if (error instanceof TypeError || error instanceof SyntaxError) {
    return `${title}: the workspace answered with something that cannot be read; see azure.endpoints.logs and what stands before the workspace`;
  }
  const said = message ?? (typeof status === 'number' ? `status ${status}` : textOf(fieldOf(error, 'message')));
  return `${title}: the workspace did not answer${said === undefined ? '' : ` (${short(said)})`}`;
}

/** What is missing of an answer that the service calls partial. Of its details the SDK hands on no inner errors. */
export function partOf(error: unknown, { title }: LogQuery): string {
  const [detail] = arrayOf(fieldOf(error, 'details')) ?? [];
  const message = textOf((objectOf(detail) ?? objectOf(error))?.['message']);
  return `${title}: only part of them${message === undefined ? '' : ` (${short(message)})`}`;
}

/** The service nests its errors; the innermost says most. */
function innermost(error: ReturnType<typeof objectOf>): { code?: string | undefined; message?: string | undefined } {
  let found = error;
  for (let depth = 0; depth < 10; depth++) {
    const next = objectOf(found?.['innererror']);
    if (next === undefined) break;
    found = next;
  }
  return { code: textOf(found?.['code']), message: textOf(found?.['message']) };
}

function fieldOf(value: unknown, name: string): Json | undefined {
  return objectOf(value)?.[name];
}

const short = (text: string): string => printable(text.slice(0, LONGEST_MESSAGE));
