import type { JsonObject } from '../../platform/json.ts';

/** A scanner's report, taken apart into records: one for each thing found, with what it needs of the whole. */
export interface Report {
  readonly records: readonly JsonObject[];
  /** Why parts of it gave no record. */
  readonly rejected: readonly string[];
}

/** From the reports in one body no more records are made; GitHub itself takes 25,000 results of one run. */
export const MAX_RECORDS = 100_000;

/**
 * No more than so many characters of JSON do the records of one body repeat of their reports, all in all. A scanner says of its run and a rule some
 * thousand; somebody else could make ten thousand times its size out of a message.
 */
export const MAX_REPEATED = 64 * 1024 * 1024;

/** How much may yet be made of the reports in a body. */
export interface Room {
  records: number;
  repeated: number;
}

/** Of a body of which nothing was taken yet. */
export const wholeRoom = (): Room => ({ records: MAX_RECORDS, repeated: MAX_REPEATED });

/** What is taken of one report: as long as there is room. */
export class TakenReport implements Report {
  readonly records: JsonObject[] = [];
  readonly rejected: string[] = [];
  readonly #room: Room;
  #isFull = false;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Whether something found no room: nothing more is taken then. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** @param repeated how many characters of JSON of the record others carry too */
  add(record: JsonObject, repeated: number): void {
    if (!this.#take(repeated)) return;
    this.records.push(record);
  }

  reject(reason: string): void {
    if (this.#take(0)) this.rejected.push(reason);
  }

  #take(repeated: number): boolean {
    const room = this.#room;
    if (this.#isFull) return false;
    if (room.records > 0 && room.repeated >= repeated) {
      room.records -= 1;
      room.repeated -= repeated;
      return true;
    }
    this.#isFull = true;
    this.rejected.push(
      room.records > 0
        ? `what findings would repeat of their report is longer than ${MAX_REPEATED} characters in all; split it`
        : `the reports of one body hold more than ${MAX_RECORDS} findings; split them`,
    );
    return false;
  }
}

/** How long a part of a report is that its findings repeat. */
export const lengthOf = (part: JsonObject): number => JSON.stringify(part).length;

/**
 * Where a record of a report carries when the report came, as ISO 8601 in UTC. Most scanners do not write when they ran: what they found was there at
 * the latest then.
 */
export const RECEIVED = 'received';

/** @param received when the report came, milliseconds since 1970-01-01T00:00:00Z; undefined where that is not known */
export const receivedText = (received: number | undefined): string | undefined =>
  received === undefined || !(received > 0 && received < 8.64e15) ? undefined : new Date(received).toISOString();
