import type { CopyManifest } from '../copies/copy.ts';

/** One request for something that others publish. */
export interface FeedRequest {
  /** https, or http on this machine. */
  readonly url: string;
  /** Also sent, lower-case names; those that hold credentials are not sent on to another host. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Of the copy that is kept: where it came from the same address, only something newer is asked for. */
  readonly previous?: CopyManifest | undefined;
  /** More bytes than so many are not taken: as they come over the network, and unpacked. */
  readonly maxBytes?: number | undefined;
  readonly maxUnpackedBytes?: number | undefined;
}

export interface FeedResponse {
  /** Without the content encoding of HTTP; what was published as a gzip file still is one. */
  readonly body: Uint8Array;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** The address asked for, without credentials and query. */
  readonly source: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Gets what others publish, and takes nothing that cannot be it. */
export interface FeedHttp {
  /**
   * @returns 'unchanged' where the server says that `previous` is what it has
   * @throws FeedError
   */
  get(request: FeedRequest): Promise<FeedResponse | 'unchanged'>;
}
