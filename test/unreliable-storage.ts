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

const failing = (when: 'before' | 'after', error: Error): Fault => ({ when, error });

/** What can go wrong with any call: refused for now, or no answer in time, which leaves open whether it took effect. */
const OF_ANY_CALL: readonly (() => Fault)[] = [
  () => failing('before', new ServiceError('ServerBusy', 503, [['Retry-After', '1']])),
  () => failing('before', new ServiceError('ETIMEDOUT', undefined)),
  () => failing('after', new ServiceError('ETIMEDOUT', undefined)),
  () => failing('after', new ServiceError('OperationTimedOut', 500)),
];

/**
 * What else can go wrong with a commit that has conditions: they fail (412, 409), or they held, the answer was lost, and the SDK's own second
 * attempt met what the first had written.
 */
function ofCommit({ writes = [] }: StorageCall): (() => Fault)[] {
  const faults: (() => Fault)[] = [];
  const etags = writes.some((write) => 'etag' in write && write.etag !== undefined);
  for (const when of ['before', 'after'] as const) {
    if (etags) faults.push(() => failing(when, new RowChangedError('412 (injected)')));
    if (writes.some(({ kind }) => kind === 'insert')) {
      faults.push(() => failing(when, new RowExistsError('409 (injected)')));
    }
  }
  return faults;
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
  #dead = false;

  constructor(storage: Storage, trouble: Trouble) {
    this.#trouble = trouble;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.killed = promise;
    this.#kill = reject;
    this.storage = faultyStorage(storage, (call) => this.#decide(call));
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
    if (this.isDead()) return failing('before', new KilledError());
    if (this.#trouble.slow === true) for (let turns = random.below(12); turns > 0; turns--) await Promise.resolve();
    // Of a request that was on its way when the process was killed, nobody knows whether it took effect.
    const uncertain = (): Fault => failing(random.below(2) === 0 ? 'before' : 'after', new KilledError());
    if (this.isDead()) return uncertain();
    if (this.#callsToLive-- <= 0) {
      this.#dead = true;
      this.#kill(new KilledError());
      return uncertain();
    }
    if (random.below(1000) >= this.#trouble.failing) return undefined;
    const faults = [...OF_ANY_CALL, ...(call.operation === 'tables.commit' ? ofCommit(call) : [])];
    return faults[random.below(faults.length)]?.();
  }
}
