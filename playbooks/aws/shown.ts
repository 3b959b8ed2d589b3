import { printable } from '../../platform/printable.ts';

const LONGEST = 200;

/** A name as a service gives it, for texts that people read. */
export const shown = (name: string): string => printable(name.slice(0, LONGEST));
