import type { Copy, FeedChanges } from '../copies/copy.ts';
import type { FeedHttp } from './feed-http.ts';

export type { FeedChanges } from '../copies/copy.ts';

/** What a feed's publisher gave. */
export interface Fetched {
  /** As it was published: a feed that is a gzip file is still packed. */
  readonly body: Uint8Array;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** The address without credentials and query, or the file. */
  readonly source: string;
}

export interface FeedDescription {
  readonly version: string;
  readonly rows: number;
  readonly model?: string | undefined;
  /** When it was published, as it says itself; milliseconds since 1970-01-01T00:00:00Z. What is older does not take the place of what is newer. */
  readonly published?: number | undefined;
}

/** Something that others publish and that is looked up during ingest: where it is had, and what it means. */
export interface Feed<T> {
  /** The id of its copy. */
  readonly id: string;
  /** For people. */
  readonly title: string;
  /** Milliseconds since it was last known to be what its publisher has, after which it is called stale. */
  readonly maxAge: number;
  /** Milliseconds since its own date, after which it is called stale too: a publisher, or a person with files, that gives the same for ever. */
  readonly maxPublishedAge?: number;
  /**
   * @param previous the copy that is kept, for asking only for what is new
   * @throws FeedError where it cannot be had
   */
  fetch(previous: Copy | undefined, http: FeedHttp): Promise<Fetched | 'unchanged'>;
  /** @throws FeedError for anything that is not wholly this feed */
  parse(body: Uint8Array): T;
  /** The same in pieces, of what takes so long that others want their turn between them. */
  pieces?(body: Uint8Array): Generator<void, T>;
  describe(value: T): FeedDescription;
  /** What differs; counts, and up to 20 examples each. */
  changes?(before: T, after: T): FeedChanges | Promise<FeedChanges>;
  /** Why `after`, though it can be read, is not to take the place of `before` unless a person says so: most of it is gone. */
  objection?(before: T, after: T): string | undefined;
}
