import { SOURCES } from '../pipeline/sources/registry.ts';
import type { Source } from '../pipeline/sources/source.ts';
import { UnusableInputError } from './scan/files.ts';
import { printable } from './terminal.ts';

/** A source, and whether it sends records here. */
export interface ConnectableSource extends Source {
  readonly connected: boolean;
}

/**
 * Every source that Crosstrail reads, and which of them are connected.
 * @param ids of the connected ones; all where it is undefined
 * @param place where the ids come from, for errors
 * @throws UnusableInputError where an id is no source's
 */
export function connectedSources(ids: readonly string[] | undefined, place: string): readonly ConnectableSource[] {
  const unknown = ids?.find((id) => !SOURCES.some((source) => source.id === id));
  if (unknown !== undefined) {
    const known = SOURCES.map(({ id }) => id).join(', ');
    throw new UnusableInputError(
      `${place}: no source is called '${printable(unknown).slice(0, 80)}'; there are ${known}`,
    );
  }
  return SOURCES.map((source) => ({ ...source, connected: ids?.includes(source.id) ?? true }));
}
