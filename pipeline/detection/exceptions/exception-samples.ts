import { compileExceptions } from './compile-exceptions.ts';
import type { Exception } from './exception.ts';

/** What the tests of this folder build exceptions from. */

/** The moment at which the tests take place. */
export const NOW = Date.UTC(2026, 10, 20, 10);

/** The text of a file with one exception; JSON is YAML. `undefined` takes a key away. */
export function exceptionText(more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    title: 'Nightly backup reads snapshots',
    id: 'nightly-backup',
    rules: ['snapshot-shared'],
    detection: {
      selection: { 'userIdentity.arn': 'arn:aws:iam::111122223333:role/backup' },
      condition: 'selection',
    },
    owner: 'platform-team',
    reason: 'The backup account copies every snapshot at night.',
    expires: '2027-03-01',
    review: '2027-01-15',
    ...more,
  });
}

/** The exceptions of a file, and why others are rejected. */
export const exceptionsOf = (text: string, now = NOW): ReturnType<typeof compileExceptions> =>
  compileExceptions([{ file: 'exceptions.yml', text }], now, {});

/** The one exception of a file. @throws Error with the reason where it is rejected */
export function exceptionOf(more: Readonly<Record<string, unknown>> = {}, now = NOW): Exception {
  const { exceptions, rejected } = exceptionsOf(exceptionText(more), now);
  const [exception] = exceptions;
  if (exception === undefined) throw new Error(rejected[0]?.reason ?? 'no exception');
  return exception;
}

/** Why an exception is rejected. */
export function reasonFor(more: Readonly<Record<string, unknown>>, now = NOW): string {
  return exceptionsOf(exceptionText(more), now).rejected[0]?.reason ?? 'it is not rejected';
}

/** A detection of one selection. */
export const detecting = (selection: unknown): object => ({ selection, condition: 'selection' });
