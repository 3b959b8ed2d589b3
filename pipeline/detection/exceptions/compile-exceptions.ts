import { atOnce } from '../../../platform/turns.ts';
import type { LoadedExceptions, LoadOptions } from '../loading/load.ts';
import { readDocuments, rejection, type SourceFile } from '../loading/rule-documents.ts';
import type { RejectedRule } from '../rule.ts';
import type { Exception } from './exception.ts';
import { parseException } from './parse-exception.ts';

/**
 * Compiles exceptions from the text of their files. One that cannot be used is named in `rejected`, suppresses nothing and costs no
 * other.
 * @param now milliseconds since 1970-01-01T00:00:00Z
 */
export function compileExceptions(sources: readonly SourceFile[], now: number, options: LoadOptions): LoadedExceptions {
  return atOnce(compilingExceptions(sources, now, options));
}

/** Does so in pieces, a file each, between which a process can do other things. */
export function* compilingExceptions(
  sources: readonly SourceFile[],
  now: number,
  options: LoadOptions,
): Generator<void, LoadedExceptions> {
  const exceptions = new Map<string, Exception>();
  const rejected: RejectedRule[] = [];
  for (const source of sources) {
    yield;
    const { documents, rejected: unreadable } = readDocuments(source);
    rejected.push(...unreadable);
    for (const document of documents) {
      try {
        const exception = parseException(document, now, options);
        const first = exceptions.get(exception.id);
        if (first === undefined) exceptions.set(exception.id, exception);
        else rejected.push(duplicate(exception, first, document.lineOf(['id'])));
      } catch (error) {
        rejected.push(rejection(document, error));
      }
    }
  }
  return { exceptions: [...exceptions.values()], rejected };
}

function duplicate({ file, id }: Exception, first: Exception, line: number): RejectedRule {
  return {
    file,
    line,
    reason: `the id ${id} is taken by the exception at ${first.file}:${first.line}; give each exception an id of its own`,
  };
}
