import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { observationOf } from '../../correlation/observe.ts';
import { builtinRules } from '../../detection/builtin.ts';
import { loadRules } from '../../detection/loading/load.ts';
import { isTestFile, readRuleTests } from '../../detection/testing/rule-test-file.ts';
import { readRecord } from '../../sources/registry.ts';
import { namesOf } from '../story-samples.ts';
import { deedsOf, phraseOf } from './deed.ts';
import { People } from './people.ts';
import { inThePast } from './phrase.ts';

const folder = builtinRules();
const names = namesOf({});

/** What the records on which the built-in rules are to fire are told as, by operation. */
async function told(): Promise<Map<string, string>> {
  const rules = await loadRules([folder]);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isTestFile);
  const phrases = new Map<string, string>();
  for (const file of files) {
    for (const { records } of await readRuleTests(join(folder, file))) {
      for (const record of records) {
        const read = readRecord(record);
        const signals = rules.match(read).filter(({ rule }) => rule.level !== 'informational');
        if (signals.length === 0) continue;
        const observation = observationOf({ ...read.event, signals });
        const [deed] = deedsOf([observation], new Map(), names);
        if (deed === undefined) continue;
        const { does } = phraseOf(deed, new People([observation], names));
        phrases.set(`${observation.source} ${observation.action.operation}`, inThePast(does));
      }
    }
  }
  return phrases;
}

it('has words for every operation on which a built-in rule fires', async () => {
  const phrases = await told();
  expect(phrases.size).toBeGreaterThan(60);
  const without = [...phrases].filter(([, does]) => /^(?:called|did) /.test(does));
  expect(without.map(([operation, does]) => `${operation}: ${does}`)).toEqual([]);
  for (const does of phrases.values()) expect(does).not.toMatch(/[{}[\]]|undefined|stoped|readed|putted|\ba an?\b/);
});
