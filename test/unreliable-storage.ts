import type { SeededRandom } from '../local/demo/random.ts';
import { faultyStorage, type Fault, type StorageCall } from '../platform/storage/faults.ts';
import { RowChangedError, RowExistsError, type Storage } from '../platform/storage/ports.ts';

/** An error as the SDK throws it when the service refuses a request. */
class ServiceError extends Error {
  override readonly name = 'RestError';
  readonly code: string;
  readonly statusCode: number | undefined;
  readonly response: { readonly headers: ReadonlyMap<string, string> };

  constructor(code: string, statusCode: number | undefined, headers: readonly (readonly [string, string])[] = []) {
    super(`${code} (injected)`);
    this.code = code;
    this.statusCode = statusCode;
    this.response = { headers: new Map(headers) };
  }
}

const ifEtag = (error: () => Error) => (call: StorageCall) =>
  call.writes?.some((write) => 'etag' in write && write.etag !== undefined) === true ? error() : undefined;
const ifInsert = (error: () => Error) => (call: StorageCall) =>
  call.writes?.some(({ kind }) => kind === 'insert') === true ? error() : undefined;
const always = (error: () => Error) => () => error();

/**
 * What can go wrong with a call: it is refused for now; there is no answer in time, which leaves open whether it took effect; the condition of a
 * commit fails (412, 409); or it held, the answer was lost, and the SDK's own second attempt met what the first had written.
 */
const FAULTS: readonly {
  readonly when: 'before' | 'after';
  /** Undefined for calls that cannot fail so. */
  readonly error: (call: StorageCall) => Error | undefined;
}[] = [
  { when: 'before', error: always(() => new ServiceError('ServerBusy', 503, [['Retry-After', '1']])) },
  { when: 'before', error: always(() => new ServiceError('ETIMEDOUT', undefined)) },
  { when: 'after', error: always(() => new ServiceError('OperationTimedOut', 500)) },
  { when: 'before', error: ifEtag(() => new RowChangedError('412 (injected)')) },
  { when: 'after', error: ifEtag(() => new RowChangedError('412 (injected)')) },
  { when: 'before', error: ifInsert(() => new RowExistsError('409 (injected)')) },
  { when: 'after', error: ifInsert(() => new RowExistsError('409 (injected)')) },
];

/** How many ways there are in which a call can fail; each is named by its number. */
export const WAYS_TO_FAIL = FAULTS.length;

function faultOf(way: number, call: StorageCall): Fault {
  const fault = FAULTS[way];
  const error = fault?.error(call);
  return fault === undefined || error === undefined ? undefined : { when: fault.when, error };
}

/** Thrown by every call of a process that was killed. */
export class KilledError extends Error {
  override readonly name = 'KilledError';
}

export interface Trouble {
  readonly random: SeededRandom;
  /** Of a thousand calls, so many fail. */
  readonly failing: number;
  /** Whether calls take their time, so that other processes come between. */
  readonly slow?: boolean;
  /** A single call, counted from 0, that fails in one way. */
  readonly planned?: { readonly call: number; readonly way: number };
}

/**
 * Storage as one process sees it: calls fail at random in every way that those of the service can, some take long, and from the moment when the
 * process is killed nothing that it begins has any effect.
 */
export class ProcessStorage {
  readonly storage: Storage;
  /** Rejects when the process is killed. */
  readonly killed: Promise<never>;
  readonly #trouble: Trouble;
  readonly #kill: (error: KilledError) => void;
  #callsToLive = Infinity;
  #calls = 0;
  #dead = false;

  constructor(storage: Storage, trouble: Trouble) {
    this.#trouble = trouble;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.killed = promise;
    this.#kill = reject;
    this.storage = faultyStorage(storage, (call) => this.#decide(call));
  }

  /** How many calls were made. */
  get calls(): number {
    return this.#calls;
  }

  isDead(): boolean {
    return this.#dead;
  }

  /** Kills the process at one of its next calls, before or after that takes effect. */
  killAfter(calls: number): void {
    this.#callsToLive = calls;
  }

  async #decide(call: StorageCall): Promise<Fault> {
    const { random } = this.#trouble;
    if (this.isDead()) return { when: 'before', error: new KilledError() };
    if (this.#trouble.slow === true) {
      // Few are so slow that another process gets through whole batches in between.
      const most = random.below(25) === 0 ? 1500 : 12;
      for (let turns = random.below(most); turns > 0; turns--) await Promise.resolve();
    }
    // Of a request that was on its way when the process was killed, nobody knows whether it took effect.
    const uncertain = (): Fault => ({
      when: random.below(2) === 0 ? 'before' : 'after',
      error: new KilledError(),
    });
    if (this.isDead()) return uncertain();
    if (this.#callsToLive-- <= 0) {
      this.#dead = true;
      this.#kill(new KilledError());
      return uncertain();
    }
    const { planned, failing: share } = this.#trouble;
    if (planned?.call === this.#calls++) return faultOf(planned.way, call);
    return random.below(1000) < share ? faultOf(random.below(WAYS_TO_FAIL), call) : undefined;
  }
}
