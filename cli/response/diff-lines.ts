import { isObject, type Json } from '../../platform/json.ts';
import { canonicalJson } from '../../playbooks/contract/hashes.ts';

/** More lines than this of one change are counted, not shown. */
const MOST = 100;
const LONGEST = 300;

/** What differs between two values, a line each: `- name: before`, `+ name: after`. Members of lists are told apart by their values. */
export function diffLines(before: Json, after: Json): string[] {
  const lines = differences('', before, after);
  if (lines.length === 0) return ['(no difference)'];
  return lines.length <= MOST ? lines : [...lines.slice(0, MOST), `… and ${lines.length - MOST} more`];
}

function differences(path: string, before: Json | undefined, after: Json | undefined): string[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return [];
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) =>
      differences(path === '' ? name : `${path}.${name}`, own(before, name), own(after, name)),
    );
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return [...extra('-', path, before, after), ...extra('+', path, after, before)];
  }
  return [...line('-', path, before), ...line('+', path, after)];
}

const own = (value: Record<string, Json | undefined>, name: string): Json | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined;

/** The members that only the first list has. */
function extra(sign: '-' | '+', path: string, members: readonly Json[], others: readonly Json[]): string[] {
  const known = new Set(others.map((member) => canonicalJson(member)));
  return members
    .filter((member) => !known.has(canonicalJson(member)))
    .flatMap((member) => line(sign, `${path}[]`, member));
}

function line(sign: '-' | '+', path: string, value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  const text = typeof value === 'string' ? value : canonicalJson(value);
  const name = path === '' ? '' : `${path}: `;
  return [`${sign} ${name}${text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`}`];
}
