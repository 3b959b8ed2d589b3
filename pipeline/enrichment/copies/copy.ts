import { z } from 'zod';

/** Texts that come from a publisher are bounded, so that a manifest always fits into the metadata of a blob. */
const shortText = z.string().max(100);
const time = z.number().nonnegative();
const count = z.int().nonnegative();

/** `kev`, `intel/contoso-blocklist`. */
export const copyId = z
  .string()
  .regex(/^[a-z0-9-]{1,64}(?:\/[a-z0-9-]{1,64})?$/, 'expected lower-case letters, digits and hyphens, such as kev');

export const manifestSchema = z.object({
  id: copyId,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: count,
  fetched: time,
  version: shortText,
  rows: count,
  etag: z.string().max(256).optional(),
  lastModified: shortText.optional(),
  source: z.string().max(512),
  model: shortText.optional(),
  published: time.optional(),
});

/** What a copy is of, which one it is, and where it is from. */
export interface CopyManifest {
  /** `[a-z0-9-]+(/[a-z0-9-]+)?` */
  readonly id: string;
  /** Of its bytes, in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** When it was had; milliseconds since 1970-01-01T00:00:00Z. */
  readonly fetched: number;
  /** As its publisher calls it: a number, or the date of its scores. At most 100 characters. */
  readonly version: string;
  readonly rows: number;
  /** What its server calls this version of it, by which it is asked whether there is another. */
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** The address that it was had from, without credentials and query; or the file. At most 512 characters. */
  readonly source: string;
  /** Of scores: the model that made them. Scores of different models must not be compared. */
  readonly model?: string | undefined;
  /** When its publisher says that it was published; milliseconds since 1970-01-01T00:00:00Z. */
  readonly published?: number | undefined;
}

/** The last good copy of a feed or an inventory. */
export interface Copy {
  readonly manifest: CopyManifest;
  /** As it was published. */
  readonly body: Uint8Array;
}

/** So many examples of each kind of change are kept. */
export const MAX_EXAMPLES = 20;

const examples = z.array(z.string().max(300)).max(MAX_EXAMPLES);
const changesSchema = z.object({
  added: count,
  changed: count,
  withdrawn: count,
  examples: z.object({ added: examples, changed: examples, withdrawn: examples }),
  note: z.string().max(300).optional(),
});

/** What differs between two versions of a feed: how much, and up to 20 examples of each, the weightiest first. */
export interface FeedChanges {
  readonly added: number;
  readonly changed: number;
  readonly withdrawn: number;
  readonly examples: {
    readonly added: readonly string[];
    readonly changed: readonly string[];
    readonly withdrawn: readonly string[];
  };
  /** What could not be compared, and why: `other model: scores not compared`. */
  readonly note?: string | undefined;
}

const versionSchema = z.object({ version: shortText, model: shortText.optional(), rows: count });

export const checkSchema = z.object({
  at: time,
  problem: z.string().max(1000).optional(),
  confirmed: time.optional(),
  lastChange: z
    .object({ at: time, from: versionSchema, to: versionSchema, changes: changesSchema.optional() })
    .optional(),
});

/** The last look at where a copy is from, whatever came of it. Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface Check {
  readonly at: number;
  /** Why the copy was kept as it was; at most 1,000 characters. */
  readonly problem?: string | undefined;
  /** When a look last found that the copy is what its publisher has. */
  readonly confirmed?: number | undefined;
  /** What the last copy that took the place of another brought. */
  readonly lastChange?: LastChange | undefined;
}

export interface LastChange {
  readonly at: number;
  readonly from: CopyVersion;
  readonly to: CopyVersion;
  readonly changes?: FeedChanges | undefined;
}

export type CopyVersion = Pick<CopyManifest, 'version' | 'model' | 'rows'>;
