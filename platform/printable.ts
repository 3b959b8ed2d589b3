/**
 * Text of a record made safe to show: control characters (which could move a cursor or change colours) and characters that change the
 * direction of writing become `?`. Names in records are chosen by whoever caused them.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu,
    '?',
  );
}
