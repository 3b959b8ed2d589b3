import { ArmError, isAbsent, isConflict } from '../../platform/azure/arm-error.ts';
import type { ArmClient } from '../../platform/azure/arm.ts';
import { objectOf, textOf, type JsonObject } from '../../platform/json.ts';
import { request } from './incident-requests.ts';

const ATTEMPTS = 4;

const NO_TAG = 'was given without an etag and is not written, for what others write meanwhile would be lost';

/** A resource of Sentinel, and how it is to be. */
export interface ResourceChange {
  readonly path: string;
  /** As it was read before; `unread` where it was not, and undefined where it is known not to be there. */
  readonly known: JsonObject | undefined | 'unread';
  /** Whether it is made where it is not there: an incident that somebody deleted must not come back. */
  readonly create: boolean;
  /** What is to be written in place of what is there; undefined where nothing is. */
  readonly change: (there: JsonObject | undefined) => JsonObject | undefined;
}

/**
 * Writes a resource as a change of what is there, so that nothing that somebody else wrote meanwhile is lost: where it was changed since it was read, it is read
 * again and changed again.
 * @returns `gone` where it, or what it belongs to, is not there
 * @throws ArmError also where it was changed by others each time, or has no tag
 */
export async function writeWithEtag(
  arm: ArmClient,
  { path, known, create, change }: ResourceChange,
): Promise<'written' | 'unchanged' | 'gone'> {
  let there = known === 'unread' ? await readResource(arm, path) : known;
  for (let attempt = 1; ; attempt++) {
    if (there === undefined && !create) return 'gone';
    const changed = change(there);
    if (changed === undefined) return 'unchanged';
    const etag = textOf(there?.['etag']);
    if (there !== undefined && etag === undefined) throw new ArmError(`${path} ${NO_TAG}`, { status: 428 });
    try {
      const body = etag === undefined ? changed : { ...changed, etag };
      await arm.send({ ...request('PUT', path), body, etag });
      return 'written';
    } catch (error) {
      if (isAbsent(error)) return 'gone';
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
    there = await readResource(arm, path);
  }
}

async function readResource(arm: ArmClient, path: string): Promise<JsonObject | undefined> {
  try {
    return objectOf((await arm.send(request('GET', path))).body);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
