/** Where in a YAML document: keys and list positions from its top. */
export type DocumentPath = readonly (string | number)[];

/** Why a rule cannot be used; the message says what was wrong and what to do, the path where. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  readonly path: DocumentPath;

  constructor(message: string, path: DocumentPath) {
    super(message);
    this.path = path;
  }
}

/** A value of a rule in a message: short, on one line, in quotes where it is text. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  const text = typeof value === 'string' ? `'${value}'` : String(value);
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
  return line.length > 80 ? `${line.slice(0, 76)}...'` : line;
}
