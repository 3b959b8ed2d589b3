import { createHash } from 'node:crypto';

/** Sentinel takes comments of up to 30,000 characters: https://learn.microsoft.com/azure/sentinel/sentinel-service-limits */
export const MAX_COMMENT = 30_000;

/** Stands between the sections of a comment. */
export const SECTION_BREAK = '\n\n';

/**
 * A comment as it is written: whole sections are left out from the end until it fits, which is said, and at its end stands a mark of what it says. By that it is
 * known again, whatever the service made of its form; so one that says the same is not written again, and rules that run when an incident is updated
 * come to rest.
 * @param text sections with {@link SECTION_BREAK} between them; must say nothing of the present time
 * @returns fewer characters than {@link MAX_COMMENT}
 */
export function commentAsWritten(text: string): string {
  const mark = markOf(text);
  const end = `${SECTION_BREAK}${mark}`;
  const room = MAX_COMMENT - end.length - 1;
  if (text.length <= room) return `${text}${end}`;
  const sections = text.split(SECTION_BREAK);
  let length = 0;
  let kept = 0;
  const note = (left: number): string =>
    `${left} more section${left === 1 ? '' : 's'} did not fit into a comment; the crosstrail command shows all.`;
  const forText = room - SECTION_BREAK.length - note(sections.length).length;
  for (const section of sections) {
    length += section.length + (kept === 0 ? 0 : SECTION_BREAK.length);
    if (length > forText) break;
    kept++;
  }
  return `${[...sections.slice(0, kept), note(sections.length - kept)].join(SECTION_BREAK)}${end}`;
}

/** Whether a comment that is there says what `text` says. */
export const saysTheSame = (there: string, text: string): boolean => there.includes(markOf(text));

const markOf = (text: string): string =>
  `Written by Crosstrail, revision ${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
