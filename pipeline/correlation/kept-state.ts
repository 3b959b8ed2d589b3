import { z } from 'zod';
import { parsePostureSummary } from '../posture/posture-summary.ts';
import { signal } from '../timeline/codec-parts.ts';
import type { Kept } from './engine.ts';
import type { Loaded } from './journal.ts';
import { linkPage, observationPage, summaryPage, type LinkPage, type ObservationPage } from './pages.ts';

const findingSchema = z.object({ key: z.string(), signal, time: z.number(), eventIds: z.array(z.string()) });

/** Pages of observations, as they were written. @throws where an entry is not what was written */
export const observationPagesOf = (entries: Loaded['entries']): ObservationPage[] =>
  (entries.get('observations') ?? []).map((value) => observationPage.parse(value));

/** Pages of links, as they were written. @throws where an entry is not what was written */
export const linkPagesOf = (entries: Loaded['entries']): LinkPage[] =>
  (entries.get('links') ?? []).map((value) => linkPage.parse(value));

/** What an engine is restored from. @throws where an entry is not what was written */
export function keptOf(entries: Loaded['entries']): Kept {
  return {
    observations: observationPagesOf(entries).flatMap(({ observations }) => observations),
    links: linkPagesOf(entries).flatMap(({ links }) => links),
    findings: (entries.get('finding') ?? []).map((value) => findingSchema.parse(value)),
    summaries: (entries.get('summaries') ?? []).flatMap((value) => summaryPage.parse(value).summaries),
    posture: (entries.get('posture') ?? []).map(parsePostureSummary),
  };
}
