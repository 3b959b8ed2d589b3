import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { PostureConditions } from '../../pipeline/posture/posture-conditions.ts';
import { activityRow, GROUP, observed, trailRecord } from '../../pipeline/posture/posture-samples.ts';
import { PostureStore } from '../../pipeline/posture/posture-store.ts';
import { keptPosture } from './kept-posture.ts';
import { postureText } from './posture-text.ts';

const APP = '00000000-0000-4000-8000-0000000000d1';
const LOCK = { id: `${GROUP}/providers/Microsoft.Authorization/locks/keep`, result: 'Success' } as const;

describe('keptPosture', () => {
  it('is what was written, with what went past a pipeline', async () => {
    const { tables } = memoryStorage();
    expect(postureText(await keptPosture(tables, []))).toBe('nothing was weakened that is still so');
    const conditions = new PostureConditions();
    for (const record of [
      trailRecord({ source: 'cloudtrail', name: 'StopLogging', request: { name: 'main' }, at: 30, role: 'console' }),
      activityRow({ ...LOCK, operation: 'Microsoft.Authorization/locks/delete' }),
      activityRow({ ...LOCK, operation: 'Microsoft.Authorization/locks/write', at: 26 * 60 }),
    ]) {
      conditions.take(observed(record));
    }
    const store = new PostureStore(tables);
    for (const episode of conditions.settle().changed) await store.write(episode, 1);
    const text = postureText(await keptPosture(tables, [{ identity: APP, scopes: [GROUP] }]));
    expect(text).toMatch(/^weak now \(1\)\n.*\n2026-11-20 10:30:00 +logging off .* no longer records +console\/run\n/);
    expect(text).toMatch(
      /\nundone \(1\)\n.*\n2026-11-20 10:00:00 +1d 2h +protection off .*, lock keep +ada@contoso.example +past 0/,
    );
  });
});
