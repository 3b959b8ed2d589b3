/** How what correlation keeps of many small things stands in few rows, so that they are soon written and read. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Summary } from '../detection/correlation/group-state.ts';
import { link } from '../timeline/codec-parts.ts';
import type { Link } from '../timeline/identity/link.ts';
import { observationSchema } from '../timeline/observation-codec.ts';
import type { Observation } from '../timeline/observation.ts';
import type { Entry } from './journal.ts';

/** Observations that were committed together, as far as they are not forgotten. */
export interface ObservationPage {
  readonly id: string;
  readonly observations: readonly Observation[];
}

export const observationPage: z.ZodType<ObservationPage> = z.object({
  id: z.string(),
  observations: z.array(observationSchema),
});

/** Knows on which page each observation stands. */
export class ObservationPages {
  readonly #pageOf = new Map<string, string>();
  readonly #members = new Map<string, Set<string>>();

  constructor(pages: readonly ObservationPage[]) {
    for (const { id, observations } of pages) this.add(id, observations);
  }

  /** @param page an id that was not used before @returns what is to be written */
  add(page: string, observations: readonly Observation[]): Entry[] {
    if (observations.length === 0) return [];
    this.#members.set(page, new Set(observations.map(({ id }) => id)));
    for (const { id } of observations) this.#pageOf.set(id, page);
    return [pageEntry(page, observations)];
  }

  /**
   * Takes observations out.
   * @param held gives those that remain
   * @returns what is to be written: the pages that had them, with what is left
   */
  remove(ids: Iterable<string>, held: { get(id: string): Observation | undefined }): Entry[] {
    const touched = new Set<string>();
    for (const id of ids) {
      const page = this.#pageOf.get(id);
      if (page === undefined) continue;
      this.#pageOf.delete(id);
      this.#members.get(page)?.delete(id);
      touched.add(page);
    }
    return [...touched].map((page) => {
      const left = [...(this.#members.get(page) ?? [])].flatMap((id) => held.get(id) ?? []);
      if (left.length === 0) this.#members.delete(page);
      return pageEntry(page, left);
    });
  }
}

const pageEntry = (id: string, observations: readonly Observation[]): Entry => ({
  kind: 'observations',
  id,
  value: observations.length === 0 ? undefined : { id, observations },
});

/** Links that were learned together. */
export interface LinkPage {
  readonly id: string;
  readonly links: readonly Link[];
}

export const linkPage: z.ZodType<LinkPage> = z.object({ id: z.string(), links: z.array(link) });

const LINKS_A_PAGE = 5000;

/** Knows which pages of links there are. */
export class LinkPages {
  #pages: Set<string>;

  constructor(pages: Iterable<string>) {
    this.#pages = new Set(pages);
  }

  /** @param page an id that was not used before @returns what is to be written */
  add(page: string, links: readonly Link[]): Entry[] {
    const entries: Entry[] = [];
    for (let at = 0; at < links.length; at += LINKS_A_PAGE) {
      const id = `${page}-${at}`;
      this.#pages.add(id);
      entries.push({ kind: 'links', id, value: { id, links: links.slice(at, at + LINKS_A_PAGE) } });
    }
    return entries;
  }

  /** What is to be written so that these links are kept, and no others; the new pages before the old ones go. @param prefix not used before */
  replace(links: readonly Link[], prefix: string): Entry[] {
    const old = [...this.#pages];
    this.#pages = new Set();
    return [...this.add(prefix, links), ...old.map((id): Entry => ({ kind: 'links', id, value: undefined }))];
  }
}

const summary: z.ZodType<Summary> = z.object({ key: z.string(), value: z.record(z.string(), z.json()) });

export const summaryPage = z.object({ summaries: z.array(summary) });

/** Spreads summaries over 256 pages by their keys, so many that a page of a million summaries still fits into a row, and knows which pages are others than those that are kept. */
export class SummaryPages {
  #kept: ReadonlyMap<string, string>;

  /** @param kept as they were read */
  constructor(kept: readonly Summary[]) {
    this.#kept = new Map([...pagesOf(kept)].map(([page, summaries]) => [page, digestOf(summaries)]));
  }

  /** What is to be written so that these are kept, and no others. */
  changes(summaries: readonly Summary[]): Entry[] {
    const entries: Entry[] = [];
    const kept = new Map<string, string>();
    for (const [page, some] of pagesOf(summaries)) {
      const digest = digestOf(some);
      kept.set(page, digest);
      if (this.#kept.get(page) !== digest) entries.push({ kind: 'summaries', id: page, value: { summaries: some } });
    }
    for (const id of this.#kept.keys()) if (!kept.has(id)) entries.push({ kind: 'summaries', id, value: undefined });
    this.#kept = kept;
    return entries;
  }
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

const digestOf = (summaries: readonly Summary[]): string => hash(JSON.stringify(summaries)).toString('base64');

const pagesOf = (summaries: readonly Summary[]): Map<string, Summary[]> =>
  Map.groupBy(
    summaries.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    ({ key }) => String(hash(key)[0]),
  );
