import { readBody, type Accepted, type Enrich, type Matcher } from '../../pipeline/read-body.ts';
import type { Source } from '../../pipeline/sources/source.ts';
import { bodiesOf, MAX_BODY_BYTES, openInput, writtenAt } from './bodies.ts';

/** A record's place: its file, and its number within it from 0. */
export interface Place {
  readonly file: string;
  readonly record: number;
}

/** What was read of a file at one time. */
export interface FilePiece {
  readonly accepted: readonly (Accepted & { readonly place: Place })[];
  readonly rejected: readonly { readonly place: Place; readonly reason: string }[];
  /** How many records it held, those rejected included. */
  readonly records: number;
  /** Whether the file could not be opened or read to its end. */
  readonly unreadable: boolean;
}

/**
 * Reads a file piece by piece, and its records as the functions read them. Never throws: what cannot be read of a file is the last of its rejections.
 * @param source reads every record as this source's, instead of asking whose it is
 * @param enrich adds to events what is known of what they name
 */
export async function* readFile(
  file: string,
  matcher: Matcher,
  source: Source | undefined,
  enrich?: Enrich,
): AsyncGenerator<FilePiece, void, undefined> {
  let base = 0;
  const placeOf = (index = 0): Place => ({ file, record: base + index });
  try {
    const received = await writtenAt(file);
    for await (const bytes of bodiesOf(openInput(file))) {
      const body = readBody(bytes, matcher, { source, enrich, received, maxUnpackedBytes: MAX_BODY_BYTES });
      yield {
        accepted: body.accepted.map((accepted) => ({ ...accepted, place: placeOf(accepted.index) })),
        rejected: body.rejected.map(({ index, reason }) => ({ place: placeOf(index), reason })),
        records: body.places,
        unreadable: false,
      };
      base += body.places;
    }
  } catch (error) {
    const rejected = [{ place: placeOf(), reason: reasonOf(error) }];
    yield { accepted: [], rejected, records: 1, unreadable: isSystemError(error) };
  }
}

/** The system's refusal, such as a missing permission, in contrast to bytes that make no sense. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException & { readonly code: string } =>
  error instanceof Error && 'syscall' in error && 'code' in error;

function reasonOf(error: unknown): string {
  if (isSystemError(error)) return `the file cannot be read: ${SYSTEM_REASONS[error.code] ?? error.code}`;
  return error instanceof Error ? error.message : 'cannot be read';
}

const SYSTEM_REASONS: Readonly<Record<string, string | undefined>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it is not there, or is a link that leads nowhere',
  EISDIR: 'it is a directory',
};
