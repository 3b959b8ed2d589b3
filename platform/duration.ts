const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a span of time: a whole number and a unit, `s`, `m`, `h` or `d`.
 * @returns milliseconds, or undefined where the text is no such span
 */
export function parseDuration(text: string): number | undefined {
  const parts = /^(\d{1,9})([smhd])$/.exec(text.trim());
  if (!parts) return undefined;
  return Number(parts[1]) * (UNITS[parts[2] ?? ''] ?? NaN);
}
