import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject, parseJson } from '../platform/json.ts';
import type { KeptAlert } from '../pipeline/timeline/alert.ts';
import type { Notifier } from '../pipeline/routing/notify.ts';

/** Alerts as the local edition tells of them: a file with one JSON object a line, which is also its memory of what it told. */
export interface AlertLog extends Notifier {
  /** Alerts in the file when it was opened. */
  readonly before: number;
  close(): void;
}

/**
 * Opens the file, which is made where there is none. An alert is in it exactly once, whatever the process died of in between: its line is the note
 * that it was told, and a line that a crash cut off is removed and written again.
 * @param show called after an alert is in the file
 * @throws Error where a line that is not the last is damaged
 */
export function openAlertLog(path: string, show: (alert: KeptAlert) => void): AlertLog {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a+', 0o600);
  const told = idsIn(path);
  return {
    before: told.size,
    notify: async (alert) => {
      if (told.has(alert.id)) return;
      writeSync(file, `${JSON.stringify({ ...alert, notified: undefined })}\n`);
      told.add(alert.id);
      show(alert);
    },
    close: () => closeSync(file),
  };
}

function idsIn(path: string): Set<string> {
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(10) + 1;
  if (whole < bytes.length) truncateSync(path, whole);
  const ids = new Set<string>();
  for (const [at, line] of bytes.subarray(0, whole).toString('utf8').split('\n').entries()) {
    if (line === '') continue;
    const id = idIn(line);
    if (id === undefined) throw new Error(`${path}:${at + 1} is no alert; remove the line, or the file`);
    ids.add(id);
  }
  return ids;
}

function idIn(line: string): string | undefined {
  try {
    const alert = parseJson(line);
    return isObject(alert) && typeof alert['id'] === 'string' ? alert['id'] : undefined;
  } catch {
    return undefined;
  }
}
