import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipKey } from '../timeline/entity-keys.ts';
import { Labels } from './labels.ts';
import { MARA, observation } from './observation-samples.ts';

const naming = (id: string, minutes: number, label: string, key = MARA) =>
  observation(id, minutes, { entities: [{ kind: 'user', key, part: 'target', label }] });

describe('Labels', () => {
  it('are those of the earliest observation that is held, whatever came and went in whatever order', () => {
    const all = Array.from({ length: 6 }, (_, n) => naming(String(n), n % 3, `name ${n}`));
    // Of one time, the smaller id.
    const inOrder = [all[0], all[3], all[1], all[4], all[2], all[5]].filter((one) => one !== undefined);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 6 }), fc.shuffledSubarray(all), (noted, forgotten) => {
        const labels = new Labels();
        for (const one of noted) {
          labels.note(one);
          labels.of(MARA);
        }
        for (const one of forgotten) labels.forget(one);
        const earliest = inOrder.find((one) => !forgotten.includes(one));
        expect(labels.of(MARA)).toBe(earliest?.entities[0]?.label);
      }),
    );
  });

  it('tell once which keys have another name now', () => {
    const labels = new Labels();
    labels.note(naming('2', 2, 'Mara'));
    expect([...labels.takeChanged()]).toEqual([MARA]);
    labels.note(naming('3', 3, 'Forged'));
    labels.note(naming('4', 1, 'Mara'));
    expect([...labels.takeChanged()]).toEqual([]);
    labels.note(naming('5', 0, 'Mara Lind'));
    expect([...labels.takeChanged()]).toEqual([MARA]);
  });

  it('are not kept of what is nobody, and of no key but those named', () => {
    const labels = new Labels();
    const address = ipKey('203.0.113.10');
    labels.note(naming('1', 0, 'office', address));
    labels.note(observation('2', 0, { entities: [{ kind: 'user', key: MARA, part: 'actor' }] }));
    expect([labels.of(address), labels.of(MARA), labels.of('__proto__')]).toEqual([undefined, undefined, undefined]);
    labels.forget(naming('unknown', 0, 'x'));
  });
});
