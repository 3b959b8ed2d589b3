import { arrayOf, isObject, type Json, type JsonObject } from '../../../platform/json.ts';
import { withoutCredentials } from './code-repository.ts';

/**
 * What is taken over of an object: each name with the kind of value that is wanted there. `address` is a text that may hold credentials, which are
 * left out; `texts` is a list of texts, a shape in brackets a list of objects.
 */
export interface Shape {
  readonly [name: string]: 'text' | 'address' | 'number' | 'flag' | 'texts' | Shape | readonly [Shape];
}

/** No more members are taken of a list. */
export const MAX_MEMBERS = 20;
const LONGEST_TEXT = 2000;

/**
 * A copy of the named parts of an object, those that are of the kind wanted. Bounded, whatever the object: the shape says how deep it can be, texts are
 * cut after 2,000 characters and lists after {@link MAX_MEMBERS}. So a report can be taken apart into records that each carry what they need of the
 * whole, without excerpts of code, and without growing to a multiple of it.
 * @returns undefined where the value is no object
 */
export function pick(value: Json | undefined, shape: Shape): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  const picked: JsonObject = {};
  for (const name in shape) {
    const kind = shape[name];
    const member = kind === undefined ? undefined : pickMember(value[name], kind);
    if (member !== undefined) picked[name] = member;
  }
  return picked;
}

function pickMember(value: Json | undefined, kind: Shape[string]): Json | undefined {
  if (kind === 'text') return typeof value === 'string' ? cutText(value) : undefined;
  if (kind === 'address') return typeof value === 'string' ? cutText(withoutCredentials(value)) : undefined;
  if (kind === 'number') return typeof value === 'number' ? value : undefined;
  if (kind === 'flag') return typeof value === 'boolean' ? value : undefined;
  if (kind === 'texts') return members(value, (member) => pickMember(member, 'text'));
  if (!isList(kind)) return pick(value, kind);
  const [shape] = kind;
  return members(value, (member) => pick(member, shape));
}

const isList = (kind: Shape | readonly [Shape]): kind is readonly [Shape] => Array.isArray(kind);

function members(value: Json | undefined, take: (member: Json) => Json | undefined): Json[] | undefined {
  return arrayOf(value)
    ?.slice(0, MAX_MEMBERS)
    .map(take)
    .filter((member) => member !== undefined);
}

/** The beginning of a text; no half of a surrogate pair is left at its end. */
export function cutText(text: string, most = LONGEST_TEXT): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
