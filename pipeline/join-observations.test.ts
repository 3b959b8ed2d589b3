import { describe, expect, it } from 'vitest';
import { delivery, memoryPorts } from '../test/memory-ports.ts';
import { MARA, NOON, observation } from './correlation/observation-samples.ts';
import { listDeadLetters } from './dead-letters.ts';
import type { Delivery } from './delivery.ts';
import { joinObservations, TICK } from './join-observations.ts';
import { encodeObservation } from './timeline/observation-codec.ts';
import type { Observation } from './timeline/observation.ts';

const RULES = { rules: [], correlations: [] };

/** What correlations are told, instead of them. */
function ports(refuse: (batch: readonly Observation[]) => Error | undefined = () => undefined) {
  const told: { partition: string; ids: string[]; now: number | undefined }[] = [];
  const correlationOf = (partition: string) => ({
    handle: async (batch: readonly Observation[], _rules: unknown, now?: number) => {
      const error = refuse(batch);
      if (error !== undefined) throw error;
      told.push({ partition, ids: batch.map(({ recordId }) => recordId), now });
    },
  });
  return { ...memoryPorts(), rules: RULES, correlationOf, told };
}

const message = (id: string, { partition = '0', enqueued = NOON } = {}): Delivery => ({
  body: encodeObservation(observation(id, 0)),
  origin: { hub: 'correlation', partition, sequenceNumber: Number(id), enqueued },
});

describe('joinObservations', () => {
  it('gives each partition its own observations, and when the last of them came', async () => {
    const all = ports();
    const batch = [message('1'), message('2', { partition: '1' }), message('3', { enqueued: NOON + 5 }), message('4')];
    await joinObservations(batch, all);
    expect(all.told).toEqual([
      { partition: '0', ids: ['1', '3', '4'], now: NOON + 5 },
      { partition: '1', ids: ['2'], now: NOON },
    ]);
  });

  it('lets time pass where a message says no more', async () => {
    const all = ports();
    await joinObservations([delivery(TICK)], all);
    expect(all.told).toEqual([{ partition: '0', ids: [], now: delivery(TICK).origin.enqueued }]);
    expect(await Array.fromAsync(listDeadLetters(all.blobs))).toEqual([]);
  });

  it('leaves the time to the correlation where the host does not say when messages came', async () => {
    const all = ports();
    await joinObservations([message('1', { enqueued: 0 })], all);
    expect(all.told).toEqual([{ partition: '0', ids: ['1'], now: undefined }]);
  });

  it('dead-letters what is no observation, and goes on with the rest', async () => {
    const all = ports();
    await joinObservations([delivery('{"tick":null}', 8), delivery('{"tick":1}', 9), message('1')], all);
    expect(all.told).toMatchObject([{ ids: ['1'] }]);
    const letters = await Array.fromAsync(listDeadLetters(all.blobs));
    expect(letters.map(({ origin }) => origin.sequenceNumber)).toEqual([8, 9]);
    expect(letters[0]?.reason).toContain('Not an observation');
  });

  it('sets aside alone what storage refuses for good', async () => {
    const refused = Object.assign(new Error('the entity is too large'), { statusCode: 413 });
    const all = ports((batch) => (batch.some(({ recordId }) => recordId === '2') ? refused : undefined));
    await joinObservations([message('1'), message('2'), message('3')], all);
    expect(all.told.map(({ ids }) => ids)).toEqual([['1'], ['3']]);
    const letters = await Array.fromAsync(listDeadLetters(all.blobs));
    expect(letters).toMatchObject([{ reason: 'the entity is too large', origin: { sequenceNumber: 2 } }]);
  });

  it('fails as a whole where storage is away, so that the batch comes again', async () => {
    const all = ports(() => Object.assign(new Error(`busy with ${MARA}`), { statusCode: 503 }));
    await expect(joinObservations([message('1')], all)).rejects.toThrow('busy');
    expect(await Array.fromAsync(listDeadLetters(all.blobs))).toEqual([]);
  });
});
