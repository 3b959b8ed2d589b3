import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

/** How the command ended, and what it said. */
export interface Ended {
  /** The exit code; -1 where a signal ended it. */
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

/**
 * Runs `crosstrail` as a process of its own.
 * @param folder where it runs; the configuration there counts, and none of the project's
 * @param input its standard input
 */
export function runCommand(folder: string, args: readonly string[], input: string | Uint8Array = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, out, errors) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, errors });
    });
    child.stdin?.end(input);
  });
}
