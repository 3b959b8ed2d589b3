import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import type { Hubs } from '../../platform/hubs.ts';
import { demoStory } from './story.ts';

const schema = z.object({ end: z.number(), sent: z.int().min(0) });
type State = z.infer<typeof schema>;

/** Records sent at a time, and the pause between. */
const PIECE = 8;
const PAUSE = 200;

export interface Demo {
  /** Records in all, and how many of them were sent before this start. */
  readonly records: number;
  readonly sentBefore: number;
  /** Sends what was not yet sent; resolves at the end or when stopped. */
  play(stop: AbortSignal): Promise<void>;
}

/**
 * The demo as it plays into the hubs. Where it stands is noted in a file after each piece is sent, so a second start on the same folder goes on
 * there; a piece sent twice because a crash came between is dropped by its ids.
 * @throws Error where that file is damaged
 */
export function openDemo(folder: string, hubs: Hubs, clock: Clock): Demo {
  const file = join(folder, 'demo.json');
  let state = readState(file) ?? { end: clock.now(), sent: 0 };
  const note = (next: State) => {
    state = next;
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  };
  note(state);
  const story = demoStory(state.end);
  return {
    records: story.length,
    sentBefore: state.sent,
    play: async (stop) => {
      while (state.sent < story.length && !stop.aborted) {
        const piece = story.slice(state.sent, state.sent + PIECE);
        for (const [hub, records] of Map.groupBy(piece, (one) => one.hub)) {
          await hubs.send(hub, [
            {
              body: new TextEncoder().encode(
                bodyOf(
                  hub,
                  records.map(({ record }) => record),
                ),
              ),
            },
          ]);
        }
        note({ ...state, sent: state.sent + piece.length });
        await clock.wait(PAUSE, stop);
      }
    },
  };
}

/** As each cloud sends: Azure in `records`, CloudTrail files in `Records`. */
const bodyOf = (hub: string, records: readonly object[]): string =>
  JSON.stringify(hub === 'cloudtrail' ? { Records: records } : hub === 'defender' ? records : { records });

function readState(file: string): State | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file} is damaged; remove it to play the demo from its beginning, or start with --no-demo`, {
      cause: error,
    });
  }
}
