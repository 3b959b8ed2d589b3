import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeptAlert } from '../pipeline/timeline/alert.ts';
import { openAlertLog } from './alert-log.ts';

const alert = (id: string): KeptAlert => ({
  id,
  rule: { id: 'r', title: 'A rule', level: 'high' },
  severity: 'high',
  decision: 'warn',
  techniques: [],
  principals: [],
  group: {},
  count: 1,
  firstSeen: 0,
  lastSeen: 0,
  notified: false,
});

describe('openAlertLog', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'alert-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const ids = (path: string) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { id: string }).id);

  it('tells of an alert once, over restarts too', async () => {
    const path = join(folder, 'alerts.ndjson');
    const shown: string[] = [];
    const show = ({ id }: KeptAlert) => void shown.push(id);
    const first = openAlertLog(path, show);
    await first.notify(alert('a'));
    await first.notify(alert('a'));
    first.close();
    const second = openAlertLog(path, show);
    expect(second.before).toBe(1);
    await second.notify(alert('a'));
    await second.notify(alert('b'));
    second.close();
    expect(shown).toEqual(['a', 'b']);
    expect(ids(path)).toEqual(['a', 'b']);
  });

  it('writes again a line that a crash cut off, at whatever byte', async () => {
    const path = join(folder, 'alerts.ndjson');
    const whole = `${JSON.stringify(alert('a'))}\n${JSON.stringify(alert('b'))}\n`;
    for (let cut = 0; cut <= whole.length; cut += 7) {
      writeFileSync(path, whole.slice(0, cut));
      const log = openAlertLog(path, () => undefined);
      await log.notify(alert('a'));
      await log.notify(alert('b'));
      log.close();
      expect(ids(path)).toEqual(['a', 'b']);
    }
  });

  it.each(['{"id":', '{"no":"id"}'])('says which line is damaged, other than the last: %s', (line) => {
    const path = join(folder, 'alerts.ndjson');
    writeFileSync(path, `${JSON.stringify(alert('a'))}\n${line}\n${JSON.stringify(alert('b'))}\n`);
    expect(() => openAlertLog(path, () => undefined)).toThrow(/alerts\.ndjson:2 is no alert/);
  });
});
