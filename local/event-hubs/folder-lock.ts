import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Thrown where another running server has the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

const ATTEMPTS = 5;

/**
 * Takes a folder for one server of one process. The lock names its process, so that one left behind by a process that was
 * killed is seen to be stale and is taken over.
 * @param folder an existing folder
 * @returns gives the folder free again
 * @throws FolderInUseError where a running process, this one included, has it
 * @throws Error of the file system
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, '.lock');
  const unique = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  const mine = `${path}.${unique}`;
  const owner = processIdentity(process.pid) ?? `${process.pid}`;
  writeFileSync(mine, `${owner}\n${unique}\n`, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (tryLink(mine, path)) return () => releaseLock(path, unique);
      const held = readIfThere(path);
      if (held === undefined) continue;
      const [holder = ''] = held.split('\n');
      if (isRunning(holder)) {
        const pid = Number.parseInt(holder, 10);
        throw new FolderInUseError(
          `${folder} is in use by the process ${pid}. Stop it, or choose another folder; if no such server runs, remove ${path}.`,
        );
      }
      discardStale(path, `${mine}.stale`, held);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  throw new FolderInUseError(`${folder} is being taken by several processes at once. Start again.`);
}

/** A link is made whole or not at all, so no one ever reads half a lock. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function releaseLock(path: string, unique: string): void {
  if (readIfThere(path)?.includes(unique) === true) rmSync(path, { force: true });
}

/** Moves a stale lock away, and puts it back where another process has meanwhile replaced it by its own. */
function discardStale(path: string, aside: string, stale: string): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if (readIfThere(aside) !== stale) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Tells a process from a later one of the same number: in a container, each start may get the same. Only Linux tells when a
 * process began; elsewhere the number must do.
 */
function processIdentity(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything, so the fields are counted after it (proc(5): 3 is the state, 22 the start).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${pid} ${boot} ${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

function isRunning(holder: string): boolean {
  const pid = Number.parseInt(holder, 10);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (holder.includes(' ')) return processIdentity(pid) === holder;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
