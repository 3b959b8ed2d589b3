const UNITS = [
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** A span in the largest unit that divides it, as options take it: `4h`, `90m`; parts of a second are left out. @param span milliseconds */
export function spanText(span: number): string {
  const whole = Math.round(span / 1000) * 1000;
  const [unit, length] = UNITS.find(([, size]) => whole % size === 0 && whole >= size) ?? ['s', 1000];
  return `${whole / length}${unit}`;
}
