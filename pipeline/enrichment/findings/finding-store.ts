import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../../../platform/json.ts';
import { MAX_WRITES } from '../../../platform/storage/limits.ts';
import {
  RowChangedError,
  RowExistsError,
  type Row,
  type RowRange,
  type Tables,
  type Write,
} from '../../../platform/storage/ports.ts';
import { rowsOf } from '../../../platform/storage/rows.ts';
import { source, time } from '../../timeline/codec-parts.ts';
import type { Finding } from '../../timeline/finding.ts';
import { LEVELS } from '../../timeline/signal.ts';
import { inParallel } from '../../timeline/store/parallel.ts';
import { MAX_OF_ASSET, type FindingReader } from './finding-reader.ts';
import { keptWith, standing, type KeptFinding } from './kept-finding.ts';

const TABLE = 'findings';
/** Few, so that a batch of findings takes few commits; many enough that no partition is asked for more than the service gives. */
const SHARDS = 16;
const PARALLEL_READS = 16;
const PARALLEL_SHARDS = 4;
/** More instances than these do not write the findings of one asset at once. */
const ATTEMPTS = 20;

/**
 * Keeps each finding as its latest event says it stands. One table, sixteen partitions by asset; a row for each finding of each asset, those of
 * an asset side by side. Writing is idempotent and takes events in any order. Holds no state.
 */
export class FindingStore implements FindingReader {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /**
   * Keeps findings; those that a later event spoke of stay as they are. Where it fails some may have been kept: keep all again.
   * @returns how many said something new
   * @throws whatever storage throws
   */
  async keep(findings: readonly Finding[]): Promise<number> {
    const rows = Map.groupBy(findings, rowKey);
    const shards = Map.groupBy(
      [...rows].map(([row, said]): Said => ({ row, said })),
      shardOfRow,
    );
    const pieces = [...shards].flatMap(([shard, all]) => chunks(all).map((piece) => ({ shard, piece })));
    const kept = await inParallel(pieces, PARALLEL_SHARDS, ({ shard, piece }) => this.#keepIn(shard, piece));
    return kept.reduce((sum, count) => sum + count, 0);
  }

  async #keepIn(shard: string, piece: readonly Said[]): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const rows = await inParallel(piece, PARALLEL_READS, ({ row }) => this.#tables.get(TABLE, shard, row));
      const writes = piece.flatMap((one, at) => writeOf(one, rows[at]));
      if (writes.length === 0) return 0;
      try {
        await this.#tables.commit(TABLE, shard, writes);
        return writes.length;
      } catch (error) {
        if (!(error instanceof RowExistsError) && !(error instanceof RowChangedError)) throw error;
      }
    }
    throw new Error(`findings in the partition ${shard} are written by too many instances at once`);
  }

  async ofAsset(key: string): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    for await (const finding of this.list({ asset: key })) {
      if (found.length >= MAX_OF_ASSET) break;
      if (finding.status === 'open' && finding.asset === key) found.push(finding);
    }
    return found;
  }

  /**
   * All that is kept, or all of one asset, in no order that means anything; read in pieces as it is asked for.
   * @throws where a row is not what was written
   */
  async *list({ asset }: { readonly asset?: string | undefined } = {}): AsyncGenerator<Finding> {
    if (asset !== undefined) {
      const hash = hashOf(asset);
      yield* this.#read(shardOf(hash), { from: `${hash}-`, to: `${hash}.` });
      return;
    }
    for (let at = 0; at < SHARDS; at += PARALLEL_SHARDS) {
      const shards = ALL_SHARDS.slice(at, at + PARALLEL_SHARDS);
      for (const findings of await Promise.all(shards.map((shard) => Array.fromAsync(this.#read(shard)))))
        yield* findings;
    }
  }

  async *#read(shard: string, range: Omit<RowRange, 'limit'> = {}): AsyncGenerator<Finding> {
    for await (const row of rowsOf(this.#tables, TABLE, shard, range)) yield standing(keptIn(row));
  }

  /**
   * Drops what was fixed or suppressed by an event before `time` (milliseconds since 1970-01-01T00:00:00Z). Open findings stay, however old.
   * @returns how many
   */
  async dropClosedBefore(limit: number): Promise<number> {
    let dropped = 0;
    for (const shard of ALL_SHARDS) {
      let piece: Row[] = [];
      for await (const row of rowsOf(this.#tables, TABLE, shard)) {
        const { latest } = keptIn(row);
        if (latest.status !== 'open' && latest.time < limit) piece.push(row);
        if (piece.length < MAX_WRITES) continue;
        dropped += await this.#drop(shard, piece);
        piece = [];
      }
      dropped += await this.#drop(shard, piece);
    }
    return dropped;
  }

  /** Drops rows that are as they were read. */
  async #drop(shard: string, rows: readonly Row[]): Promise<number> {
    if (rows.length === 0) return 0;
    try {
      const writes = rows.map(({ row, etag }): Write => ({ kind: 'delete', row, etag }));
      await this.#tables.commit(TABLE, shard, writes);
      return rows.length;
    } catch (error) {
      if (!(error instanceof RowChangedError)) throw error;
      // One was changed meanwhile: each by itself, and not that one.
      if (rows.length === 1) return 0;
      let dropped = 0;
      for (const row of rows) dropped += await this.#drop(shard, [row]);
      return dropped;
    }
  }
}

/** What a batch says of one finding. */
interface Said {
  readonly row: string;
  readonly said: readonly Finding[];
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
const rowKey = ({ asset, id }: Finding): string => `${hashOf(asset)}-${hashOf(id)}`;
/** The first digit of the hash of the asset. */
const shardOf = (hash: string): string => `findings-${hash.slice(0, 1)}`;
const shardOfRow = ({ row }: Said): string => shardOf(row);
const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shardOf(shard.toString(SHARDS)));

function chunks(all: readonly Said[]): Said[][] {
  const pieces: Said[][] = [];
  for (let at = 0; at < all.length; at += MAX_WRITES) pieces.push(all.slice(at, at + MAX_WRITES));
  return pieces;
}

function writeOf({ row, said }: Said, found: Row | undefined): Write[] {
  const known = found && keptIn(found);
  let kept = known;
  for (const finding of said) kept = keptWith(kept, finding);
  if (kept === undefined || kept === known) return [];
  const cells = { finding: JSON.stringify(kept) };
  return [found === undefined ? { kind: 'insert', row, cells } : { kind: 'replace', row, cells, etag: found.etag }];
}

const keptIn = ({ cells }: Row): KeptFinding => keptSchema.parse(parseJson(String(cells['finding'])));

const schema: z.ZodType<Finding> = z.object({
  id: z.string(),
  source,
  title: z.string(),
  asset: z.string(),
  assetLabel: z.string().optional(),
  cves: z.array(z.string()),
  severity: z.enum(LEVELS),
  status: z.enum(['open', 'fixed', 'suppressed']),
  time,
  eventId: z.string(),
  cvss: z.number().optional(),
  subject: z.string().optional(),
  fix: z.string().optional(),
  exposure: z.enum(['internet', 'internal', 'unknown']).optional(),
});

const keptSchema: z.ZodType<KeptFinding> = z.object({ latest: schema, detailed: schema.optional() });
