const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * Reads a span of time: a whole number and a unit, `s`, `m`, `h`, `d` or `w`.
 * @returns milliseconds, or undefined where the text is no such span
 */
export function parseDuration(text: string): number | undefined {
  const parts = /^(\d{1,9})([smhdw])$/.exec(text.trim());
  if (!parts) return undefined;
  return Number(parts[1]) * (UNITS[parts[2] ?? ''] ?? NaN);
}
