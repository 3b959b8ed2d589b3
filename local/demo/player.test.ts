import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import type { Hubs } from '../../platform/hubs.ts';
import { openDemo } from './player.ts';

const unused: Hubs = { send: async () => undefined, close: async () => undefined };
const clock = new ManualClock(Date.UTC(2026, 10, 20));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('where the demo stands', () => {
  it('is what the file says', () => {
    writeFileSync(join(folder, 'demo.json'), `{"end":${clock.now()},"sent":16}`);
    expect(openDemo(folder, unused, clock).sentBefore).toBe(16);
  });

  it.each(['', '{"end":1', '{"end":1,"sent":-1}'])('is told to be damaged where the file is %j', (text) => {
    writeFileSync(join(folder, 'demo.json'), text);
    expect(() => openDemo(folder, unused, clock)).toThrow(/demo\.json is damaged; remove it/);
  });
});
