import { describe, expect, it } from 'vitest';
import { loadRules } from '../pipeline/detection/loading/load.ts';
import type { RuleSet } from '../pipeline/detection/matching/rule-set.ts';
import { takesIn } from '../pipeline/detection/log-source.ts';
import type { ReadRecord } from '../pipeline/timeline/read-record.ts';
import { corpus, CORPUS } from './corpus.ts';
import { corpusRecords, readings } from './corpus-records.ts';

/** The ids of the rules that fire when each is evaluated by itself: no index, nothing shared. */
function oneAtATime({ rules }: RuleSet, record: ReadRecord): string[] {
  return rules
    .filter(
      (rule) => (record.event.source === 'json' || takesIn(rule.logsource, record.logsource)) && rule.matches(record),
    )
    .map(({ id }) => id);
}

const rules = corpus('sigma/rules');

describe.skipIf(rules === undefined)(
  `all public rules on all public records${rules === undefined ? ` (skipped: there is no corpus at ${CORPUS})` : ''}`,
  () => {
    it('fire alike through the index and one at a time', async () => {
      const set = await loadRules([rules ?? '']);
      expect(set.rejected).toEqual([]);
      expect(set.rules).toHaveLength(294);
      const records = corpusRecords();
      // The same records in another order meet other remembered values.
      const read = [...records, ...records.toReversed()].flatMap(readings);
      const firing = new Set<string>();
      let fired = 0;
      for (const record of read) {
        const found = set.match(record).map(({ rule }) => rule.id);
        expect(found, record.event.id).toEqual(oneAtATime(set, record));
        fired += found.length;
        for (const id of found) firing.add(id);
      }
      expect([...set.errors]).toEqual([]);
      // Agreement says something only where rules fire.
      expect(records.length).toBeGreaterThan(4000);
      expect(fired).toBeGreaterThan(1000);
      expect(firing.size).toBeGreaterThan(50);
    });
  },
);
