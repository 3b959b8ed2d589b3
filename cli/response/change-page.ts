import type { Change } from '../../playbooks/contract/action.ts';
import { changeLines } from '../../pipeline/response/approval/change-lines.ts';

/** A change for people, line by line: what it does, what differs, and how it is taken back. */
export function changePage({ summary, before, after, undo }: Change): string[] {
  const { lines, more } = changeLines(before, after);
  return [
    summary,
    ...lines.map(({ sign, text }) => `  ${sign} ${text}`),
    ...(more === 0 ? [] : [`  and ${more} more lines; --format json shows all`]),
    `  undo: ${undo ?? 'not possible'}`,
  ];
}
