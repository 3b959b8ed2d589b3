import type { Response } from '../../pipeline/response/response.ts';
import type { Responses } from '../../pipeline/response/responses.ts';
import { UnusableInputError } from '../scan/files.ts';
import { printable } from '../terminal.ts';

const MOST_NAMED = 5;

/**
 * The response that a person means: by its id or the beginning of it, with or without `response-`.
 * @throws UnusableInputError where there is none, or several begin so
 */
export async function findResponse(responses: Pick<Responses, 'find' | 'get'>, text: string): Promise<Response> {
  const wanted = text.trim().toLowerCase();
  const shown = printable(text).slice(0, 100);
  // An empty text is the beginning of every id: a variable that was not set is not to mean the one response there is.
  if (/^(?:response-)?$/.test(wanted)) throw new UnusableInputError('expected the id of a response, or its beginning');
  const ids = await responses.find(wanted, MOST_NAMED + 1);
  const whole = ids.find((id) => id === wanted || id === `response-${wanted}`);
  if (ids.length > 1 && whole === undefined) {
    const more = ids.length > MOST_NAMED ? ', …' : '';
    throw new UnusableInputError(
      `several responses begin with ${shown}: ${ids.slice(0, MOST_NAMED).join(', ')}${more}; say more of the id`,
    );
  }
  const id = whole ?? ids[0];
  const response = id === undefined ? undefined : await responses.get(id);
  if (response === undefined) {
    throw new UnusableInputError(
      `there is no response ${shown}; crosstrail approvals list shows those that wait, crosstrail leases list those that hold something`,
    );
  }
  return response;
}
