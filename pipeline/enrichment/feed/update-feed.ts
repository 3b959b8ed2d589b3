import type { Clock } from '../../../platform/clock.ts';
import { sha256, type CopyStore } from '../copies/copy-store.ts';
import type { Check, Copy, CopyManifest, FeedChanges } from '../copies/copy.ts';
import { FeedError } from '../feed-error.ts';
import type { FeedHttp } from './feed-http.ts';
import type { Feed, Fetched } from './feed.ts';
import { parseInTurns } from './parse-in-turns.ts';

/** What came of an update. `kept`: what there was stays, for there was a problem. */
export interface FeedReport {
  readonly id: string;
  readonly outcome: 'new' | 'unchanged' | 'kept';
  readonly problem?: string | undefined;
  /** Of the copy that is there now. */
  readonly manifest?: CopyManifest | undefined;
  /** What differs from the copy before, where there was one. */
  readonly changes?: FeedChanges | undefined;
}

export interface UpdateOptions {
  /** Takes what is older, or much shorter, than the copy that is there, and asks for it even if it did not change. */
  readonly force?: boolean | undefined;
  /** What to take instead of asking the publisher. */
  readonly from?: Fetched | undefined;
}

/** Clocks differ, and a day begins earlier in the east; but what is dated later than this would be newer than all that follows. */
const MAX_AHEAD = 2 * 86_400_000;

/**
 * Gets a feed, and puts it in the place of its last good copy where it is wholly usable. Whatever is wrong with it, the copy stays and the
 * report says why.
 * @throws Error where the store cannot be read or written
 */
export async function updateFeed<T>(
  feed: Feed<T>,
  store: CopyStore,
  http: FeedHttp,
  clock: Clock,
  options: UpdateOptions = {},
): Promise<FeedReport> {
  const [copy, check] = await Promise.all([store.read(feed.id), store.check(feed.id)]);
  const before = copy && (await usable(feed, copy));
  const taken = await attempt(() => take(feed, before, http, clock.now(), options));
  const at = clock.now();
  if ('problem' in taken) {
    const problem = taken.problem.slice(0, 1000);
    await store.noteCheck(feed.id, { ...check, at, problem });
    return { id: feed.id, outcome: 'kept', problem, manifest: before?.copy.manifest };
  }
  const { fetched, value } = taken.done;
  if (fetched === undefined) {
    await store.noteCheck(feed.id, checked(check, at));
    return { id: feed.id, outcome: 'unchanged', manifest: before?.copy.manifest };
  }
  const manifest = manifestOf(feed, fetched, value, at);
  await store.write(manifest, fetched.body);
  if (before?.copy.manifest.sha256 === manifest.sha256) {
    await store.noteCheck(feed.id, checked(check, at));
    return { id: feed.id, outcome: 'unchanged', manifest };
  }
  const changes = before && (await feed.changes?.(before.value, value));
  const lastChange = before && { at, from: versionOf(before.copy.manifest), to: versionOf(manifest), changes };
  await store.noteCheck(feed.id, { ...checked(check, at), lastChange: lastChange ?? check?.lastChange });
  return { id: feed.id, outcome: 'new', manifest, changes };
}

interface Usable<T> {
  readonly copy: Copy;
  readonly value: T;
}

/** A copy that cannot be read any more is not what its publisher is asked about. */
async function usable<T>(feed: Feed<T>, copy: Copy): Promise<Usable<T> | undefined> {
  try {
    return { copy, value: await parseInTurns(feed, copy.body) };
  } catch {
    return undefined;
  }
}

/** What a publisher or a parser throws, of whatever kind, is a problem of the feed and of nothing else. */
async function attempt<R>(work: () => Promise<R>): Promise<{ readonly done: R } | { readonly problem: string }> {
  try {
    return { done: await work() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns what is to take the place of the copy; nothing where the publisher has what is there */
async function take<T>(
  feed: Feed<T>,
  before: Usable<T> | undefined,
  http: FeedHttp,
  now: number,
  { force = false, from }: UpdateOptions,
): Promise<
  { readonly fetched: Fetched; readonly value: T } | { readonly fetched?: undefined; readonly value?: undefined }
> {
  const fetched = from ?? (await feed.fetch(force ? undefined : before?.copy, http));
  if (fetched === 'unchanged') {
    if (before !== undefined) return {};
    throw new FeedError('it was said to be unchanged, and there is no copy of it');
  }
  const value = await parseInTurns(feed, fetched.body);
  // Whoever brings a file may have a clock that is wrong.
  const latest = from === undefined ? now + MAX_AHEAD : Infinity;
  const objection = force ? undefined : objectionTo(feed, before?.value, value, latest);
  if (objection !== undefined) throw new FeedError(`${objection}; updating it with --force takes it all the same`);
  return { fetched, value };
}

function objectionTo<T>(feed: Feed<T>, before: T | undefined, after: T, latest: number): string | undefined {
  const { published } = feed.describe(after);
  if (published !== undefined && published > latest) {
    return `it is dated ${dayOf(published)}, which is yet to come`;
  }
  if (before === undefined) return undefined;
  const last = feed.describe(before).published;
  if (published !== undefined && last !== undefined && published < last) {
    return `it is of ${dayOf(published)}, and so older than the copy that is kept, which is of ${dayOf(last)}`;
  }
  return feed.objection?.(before, after);
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ');

function manifestOf<T>(
  feed: Feed<T>,
  { body, source, etag, lastModified }: Fetched,
  value: T,
  fetched: number,
): CopyManifest {
  const { version, rows, model, published } = feed.describe(value);
  return {
    id: feed.id,
    sha256: sha256(body),
    bytes: body.length,
    fetched,
    version: version.slice(0, 100),
    rows,
    source: source.slice(0, 512),
    ...(etag !== undefined && etag.length <= 256 && { etag }),
    ...(lastModified !== undefined && lastModified.length <= 100 && { lastModified }),
    ...(model !== undefined && { model: model.slice(0, 100) }),
    ...(published !== undefined && published >= 0 && { published }),
  };
}

const versionOf = ({ version, model, rows }: CopyManifest) => ({ version, model, rows });

/** All was well: what the publisher has is what is kept. */
const checked = (before: Check | undefined, at: number): Check => ({
  at,
  confirmed: at,
  lastChange: before?.lastChange,
});
