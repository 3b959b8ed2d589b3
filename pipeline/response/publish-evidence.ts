import { textOf } from '../../platform/json.ts';
import { transact } from '../../platform/storage/transaction.ts';
import type { EvidenceEntry, EvidenceLog } from './evidence.ts';
import type { ResponsePorts } from './ports.ts';
import { PARTITION, PUBLISHED, TABLE } from './response-rows.ts';

const AT_ONCE = 50;

/**
 * Copies new entries of the evidence, tells them to the timeline and shows them, in order. What was not told because of a crash is told the next time; the same may be
 * told again, under the same ids.
 */
export async function publishEvidence(ports: ResponsePorts, log: EvidenceLog): Promise<void> {
  const { tables } = ports.storage;
  const place = { tables, table: TABLE, partition: PARTITION };
  const known = await transact(place, (transaction) => transaction.get(PUBLISHED));
  let number = typeof known?.['number'] === 'number' ? known['number'] : 0;
  for (;;) {
    const entries: EvidenceEntry[] = [];
    for await (const entry of log.entries(number + 1)) {
      entries.push(entry);
      if (entries.length === AT_ONCE) break;
    }
    const last = entries.at(-1);
    if (last === undefined) return;
    for (const entry of entries) await log.copy(entry);
    await ports.tell?.(entries);
    for (const entry of entries) {
      ports.metrics.count('responses', 1, { kind: entry.kind, action: textOf(entry.data['action']) ?? '' });
      ports.show?.(entry);
    }
    number = last.number;
    await transact(place, async (transaction) => {
      const now = (await transaction.get(PUBLISHED))?.['number'];
      if (typeof now !== 'number' || now < number) transaction.put(PUBLISHED, { number });
    });
  }
}
