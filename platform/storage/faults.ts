import type { BlobItem, Blobs, Queues, Storage, Tables, Write } from './ports.ts';

/** One call of a port. */
export interface StorageCall {
  readonly operation:
    | `tables.${'get' | 'commit' | 'query' | 'list' | 'drop'}`
    | `blobs.${'put' | 'get' | 'list' | 'delete'}`
    | 'queues.send';
  /** The table, container or queue; for `tables.list` the prefix. */
  readonly target: string;
  /** The partition, or the name of the blob (for `blobs.list` the prefix); empty for the rest. */
  readonly within: string;
  /** Of `tables.commit`. */
  readonly writes?: readonly Write[];
}

/**
 * `before`: the call fails and nothing happened. `after`: it took effect, and its answer is lost. With an error that is thrown in place of an
 * {@link InjectedFault}, as the service or its SDK would throw it.
 */
export type Fault = FaultTime | { readonly when: FaultTime; readonly error: Error } | undefined;

type FaultTime = 'before' | 'after';

/** Thrown in place of the answer of a call that was made to fail. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
}

/**
 * Storage whose calls fail where `decide` says so, for tests of what must survive failures. A call begins when `decide` has decided: one that
 * takes its time makes the call slow.
 */
export function faultyStorage(storage: Storage, decide: (call: StorageCall) => Fault | Promise<Fault>): Storage {
  const run = async <T>(call: StorageCall, act: () => Promise<T>): Promise<T> => {
    const fault = await decide(call);
    failWhere('before', fault, call);
    const answer = await act();
    failWhere('after', fault, call);
    return answer;
  };
  return {
    tables: tables(storage.tables, run),
    blobs: blobs(storage.blobs, run, decide),
    queues: queues(storage.queues, run),
  };
}

type Run = <T>(call: StorageCall, act: () => Promise<T>) => Promise<T>;

function tables(inner: Tables, run: Run): Tables {
  return {
    get: (target, within, row) =>
      run({ operation: 'tables.get', target, within }, () => inner.get(target, within, row)),
    commit: (target, within, writes) =>
      run({ operation: 'tables.commit', target, within, writes }, () => inner.commit(target, within, writes)),
    query: (target, within, range) =>
      run({ operation: 'tables.query', target, within }, () => inner.query(target, within, range)),
    list: (target) => run({ operation: 'tables.list', target, within: '' }, () => inner.list(target)),
    drop: (target) => run({ operation: 'tables.drop', target, within: '' }, () => inner.drop(target)),
  };
}

function blobs(inner: Blobs, run: Run, decide: (call: StorageCall) => Fault | Promise<Fault>): Blobs {
  return {
    put: (target, within, body, metadata) =>
      run({ operation: 'blobs.put', target, within }, () => inner.put(target, within, body, metadata)),
    get: (target, within) => run({ operation: 'blobs.get', target, within }, () => inner.get(target, within)),
    async *list(target, within): AsyncIterable<BlobItem> {
      const call: StorageCall = { operation: 'blobs.list', target, within };
      const fault = await decide(call);
      failWhere('before', fault, call);
      yield* inner.list(target, within);
      failWhere('after', fault, call);
    },
    delete: (target, within) => run({ operation: 'blobs.delete', target, within }, () => inner.delete(target, within)),
  };
}

function queues(inner: Queues, run: Run): Queues {
  return {
    send: (target, message) => run({ operation: 'queues.send', target, within: '' }, () => inner.send(target, message)),
  };
}

function failWhere(now: FaultTime, fault: Fault, { operation, target, within }: StorageCall): void {
  if (fault === undefined || now !== (typeof fault === 'string' ? fault : fault.when)) return;
  if (typeof fault !== 'string') throw fault.error;
  const when = now === 'before' ? 'before it took effect' : 'after it took effect';
  throw new InjectedFault(`${operation} of ${[target, within].join(' ').trim()} was made to fail ${when}.`);
}
