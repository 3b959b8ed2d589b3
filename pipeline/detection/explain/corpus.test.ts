import { expect, it } from 'vitest';
import { corpusRecords, readings } from '../../../test/corpus-records.ts';
import { corpus } from '../../../test/corpus.ts';
import { builtinRules } from '../builtin.ts';
import { loadRules } from '../loading/load.ts';
import { explain } from './explain.ts';

/** Of the corpus' records, one in so many is explained, by each rule. */
const EVERY = 97;

const rules = corpus('sigma/rules');

it.skipIf(rules === undefined)(
  'agrees with the rule set on public rules and logs (skipped where the corpus is absent)',
  async () => {
    const set = await loadRules([builtinRules(), rules ?? '']);
    const sampled = corpusRecords().filter((_, index) => index % EVERY === 0);
    let fired = 0;
    for (const record of sampled.flatMap(readings)) {
      const signals = new Set(set.match(record).map(({ rule }) => rule.id));
      const explained = set.rules.filter((rule) => explain(rule, record).fires).map(({ id }) => id);
      expect(explained, record.event.id).toEqual(set.rules.map(({ id }) => id).filter((id) => signals.has(id)));
      fired += signals.size;
    }
    expect(set.rules.length).toBeGreaterThan(300);
    expect(sampled.length).toBeGreaterThan(40);
    expect(fired).toBeGreaterThan(10);
  },
);
