/** What the storage SDKs' errors say, in one place: their three packages put the service's error code in different places. */
import { isObject, textOf } from '../json.ts';

/** Thrown where a table, container or queue is being deleted; the service takes up to some minutes until the name is free again. */
export class BeingDeletedError extends Error {
  override readonly name = 'BeingDeletedError';
}

/** The service's own error code, such as `EntityAlreadyExists`; undefined for errors that did not come from the service. */
export function serviceCode(error: unknown): string | undefined {
  if (!isObject(error)) return undefined;
  const details = isObject(error['details']) ? error['details'] : {};
  const odata = isObject(details['odataError']) ? details['odataError'] : {};
  return textOf(error['code']) ?? textOf(odata['code']) ?? textOf(details['errorCode']);
}

/** True where the error says that the table, container or queue itself is not there. */
export function isMissing(error: unknown): boolean {
  return /^(Table|Container|Queue)NotFound$/.test(serviceCode(error) ?? '');
}

/** True where the error says that the table, container or queue is on its way out. */
export function isBeingDeleted(error: unknown): boolean {
  return /^(Table|Container|Queue)BeingDeleted$/.test(serviceCode(error) ?? '');
}

/**
 * Does a write, and where its table, container or queue is missing creates that first.
 * @param what for messages, such as `table timeline202611`
 * @throws BeingDeletedError
 */
export async function withCreation<T>(
  what: string,
  write: () => Promise<T>,
  create: () => Promise<unknown>,
): Promise<T> {
  try {
    try {
      return await write();
    } catch (error) {
      if (!isMissing(error)) throw error;
      await create();
      return await write();
    }
  } catch (error) {
    if (!isBeingDeleted(error)) throw error;
    throw new BeingDeletedError(
      `The ${what} is being deleted, so nothing can be written to it yet. Try again in a minute.`,
      {
        cause: error,
      },
    );
  }
}
