import type { Clock } from '../../../../platform/clock.ts';
import {
  accountOf,
  keep,
  LATENESS,
  LONGEST_SPAN,
  remembered,
  rowOf,
  type Bookmark,
  type Bookmarks,
} from './bookmark.ts';
import type { Connection, FoundEvent, Page, PollTarget, TimeWindow } from './connection.ts';
import type { Pace } from './pace.ts';
import { explain, isStaleToken, isTransient, PollStepError } from './problem.ts';

/** What a run did for one target. */
export interface TargetReport {
  readonly account: string | undefined;
  readonly region: string;
  /** How many records were sent. */
  readonly sent: number;
  /** Up to when the history was read and sent, milliseconds since 1970-01-01T00:00:00Z; undefined where that is not known. */
  readonly until: number | undefined;
  /** Whether the history was read up to the present. */
  readonly complete: boolean;
  /** What went wrong, where, and what to do. */
  readonly problem: string | undefined;
}

/** What a target is polled with. */
export interface TargetPorts {
  readonly clock: Clock;
  readonly deadline: number;
  readonly bookmarks: Bookmarks;
  readonly connect: (target: PollTarget) => Promise<Connection>;
  readonly send: (records: readonly string[]) => Promise<void>;
  readonly pace: Pace;
}

/** A window of more pages is read again in smaller ones, so that little is held in memory and little repeated after a failure. */
const MOST_PAGES = 40;
/** A window of fewer pages is followed by a longer one. */
const FEW_PAGES = 10;
const MOST_ATTEMPTS = 5;
const FIRST_BACKOFF = 1_000;
/** LookupEvents keeps 90 days, seconds; an hour less, so that no window begins before them. */
const HISTORY = 90 * 86_400 - 3_600;

/** The events of a window; or why they could not be read: too many for one window, or no time left. */
type Reading =
  | { readonly kind: 'read'; readonly events: readonly FoundEvent[]; readonly pages: number }
  | { readonly kind: 'too-many'; readonly oldest: number }
  | { readonly kind: 'no-time'; readonly pages: number };

/** One target through one run. */
export class TargetPoll {
  readonly #target: PollTarget;
  readonly #ports: TargetPorts;
  readonly #row: string;
  #connection: Connection | undefined;
  #bookmark: Bookmark | undefined;
  /** Where the next window begins, seconds; ahead of what is settled while late events may still come. */
  #cursor = 0;
  #windows = 0;
  #sent = 0;
  #complete = false;
  #stopped = false;
  #problem: string | undefined;

  constructor(target: PollTarget, isRepeated: boolean, ports: TargetPorts) {
    this.#target = target;
    this.#ports = ports;
    this.#row = rowOf(target);
    if (isRepeated) this.#fail(new PollStepError('is configured twice; the second is left out. Remove it.'));
  }

  /** Reads the bookmark. Never throws. */
  async begin(): Promise<void> {
    if (this.#stopped) return;
    try {
      const bookmark = await attempt(
        this.#ports.bookmarks.read(this.#row),
        'the bookmark could not be read',
        'The next run tries again.',
      );
      const oldest = this.#now() - HISTORY;
      if (bookmark.settled < oldest) {
        const lost = `${isoTime(bookmark.settled)} to ${isoTime(oldest)}`;
        this.#problem = `${explain(new PollStepError(`events of ${lost} are older than the 90 days that LookupEvents keeps and were not read.`), this.#target)} Read them from the trail's bucket with crosstrail replay.`;
      }
      this.#bookmark = bookmark;
      this.#cursor = Math.max(bookmark.settled, oldest);
    } catch (error) {
      this.#fail(error);
    }
  }

  get hasMore(): boolean {
    return !this.#stopped && !this.#complete;
  }

  /** How far the target is read, seconds: those that are behind go first. */
  get position(): number {
    return this.#bookmark?.until ?? 0;
  }

  /** Reads and sends one window. Never throws. */
  async step(): Promise<void> {
    if (this.#bookmark === undefined) return;
    try {
      await this.#advance(this.#bookmark);
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.#connection?.close();
  }

  get report(): TargetReport {
    const until = this.#bookmark?.until;
    return {
      account: accountOf(this.#target),
      region: this.#target.region,
      sent: this.#sent,
      until: until === undefined ? undefined : until * 1000,
      complete: this.#complete,
      problem: this.#problem,
    };
  }

  async #advance(bookmark: Bookmark): Promise<void> {
    const now = this.#now();
    const window = { start: this.#cursor, end: Math.min(this.#cursor + bookmark.span, now) };
    if (window.start > window.end) {
      this.#complete = true;
      return;
    }
    const reading = await this.#read(window);
    const half = Math.floor((window.end - window.start) / 2);
    if (reading.kind === 'no-time') {
      this.#stopped = true;
      if (this.#windows === 0 && reading.pages > 0) await this.#startSmaller(bookmark, half);
      return;
    }
    if (reading.kind === 'too-many') {
      this.#bookmark = { ...bookmark, span: Math.max(1, Math.min(half, window.end - reading.oldest)) };
      return;
    }
    await this.#sendNew(reading.events, bookmark);
    const sent = new Map(bookmark.sent);
    for (const event of reading.events) sent.set(keyOf(event), event.time ?? window.end);
    const settled = Math.max(bookmark.settled, Math.min(window.end, now - LATENESS));
    const span = reading.pages <= FEW_PAGES ? Math.min(LONGEST_SPAN, bookmark.span * 2) : bookmark.span;
    await this.#store({ settled, until: Math.max(bookmark.until, window.end), span, sent: keep(sent, settled) });
    this.#windows++;
    this.#cursor = window.end;
    this.#complete = window.end >= now;
  }

  /** A first window that had no time to end would not have it next time either. */
  async #startSmaller(bookmark: Bookmark, span: number): Promise<void> {
    if (span < 1)
      throw new PollStepError('more events happened in one second than one run has time to read. Let it run longer.');
    await this.#store({ ...bookmark, span });
  }

  async #sendNew(events: readonly FoundEvent[], { sent }: Bookmark): Promise<void> {
    const fresh = events.filter((event) => !sent.has(keyOf(event))).reverse();
    if (fresh.length === 0) return;
    await attempt(
      this.#ports.send(fresh.map(({ record }) => record)),
      `${fresh.length} records could not be sent`,
      'The next run sends them again.',
    );
    this.#sent += fresh.length;
  }

  async #store(bookmark: Bookmark): Promise<void> {
    await attempt(
      this.#ports.bookmarks.write(this.#row, bookmark),
      'the bookmark could not be stored',
      'The next run may repeat what this one sent.',
    );
    this.#bookmark = bookmark;
  }

  /** Reads a window to its end, page by page, without events twice. */
  async #read(window: TimeWindow): Promise<Reading> {
    let events = new Map<string, FoundEvent>();
    let token: string | undefined;
    let hasRestarted = false;
    for (let pages = 1; ; pages++) {
      try {
        const page = await this.#request(window, token);
        if (page === undefined) return { kind: 'no-time', pages: pages - 1 };
        for (const event of page.events) events.set(keyOf(event), event);
        token = page.nextToken;
      } catch (error) {
        if (hasRestarted || !isStaleToken(error)) throw error;
        hasRestarted = true;
        events = new Map();
        token = undefined;
        pages = 0;
        continue;
      }
      if (token === undefined) return { kind: 'read', events: [...events.values()], pages };
      if (pages >= MOST_PAGES && window.end - window.start > 1) {
        return { kind: 'too-many', oldest: Math.min(...[...events.values()].map(({ time }) => time ?? window.end)) };
      }
    }
  }

  /** One page, at the allowed rate, tried again where that may help; undefined where there is no time for it. */
  async #request(window: TimeWindow, token: string | undefined): Promise<Page | undefined> {
    const { pace, deadline, connect } = this.#ports;
    for (let attempts = 1; ; attempts++) {
      if (!(await pace.turn(deadline))) return undefined;
      try {
        this.#connection ??= await connect(this.#target);
        return await this.#connection.lookup(window, token);
      } catch (error) {
        if (!isTransient(error) || attempts >= MOST_ATTEMPTS) throw error;
        pace.holdOff(FIRST_BACKOFF * 2 ** (attempts - 1));
      }
    }
  }

  #now(): number {
    return Math.floor(this.#ports.clock.now() / 1000);
  }

  #fail(error: unknown): void {
    this.#stopped = true;
    this.#problem = explain(error, this.#target);
  }
}

/** An event without an id is known by its record. */
const keyOf = ({ id, record }: FoundEvent): string => remembered(id ?? record);

const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Says of a failed step what it means. */
async function attempt<T>(step: Promise<T>, what: string, then: string): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw new PollStepError(`${what} (${error instanceof Error ? error.message : 'unknown error'}). ${then}`);
  }
}
