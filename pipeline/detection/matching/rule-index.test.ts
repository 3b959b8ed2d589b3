import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import type { ReadRecord } from '../../timeline/read-record.ts';
import { compileRules } from '../loading/load.ts';
import { RecordField } from '../sigma/record-field.ts';
import { requirementsOf } from './requirement.ts';
import { RuleIndex } from './rule-index.ts';
import { recordOf, ruleText } from '../testing/rule-samples.ts';
import { takesIn } from '../log-source.ts';
import type { RuleSet } from './rule-set.ts';

/** The ids of the rules that fire when each is evaluated by itself. */
function oneAtATime({ rules }: RuleSet, record: ReadRecord): string[] {
  const { logsource, event } = record;
  return rules
    .filter((rule) => (event.source === 'json' || takesIn(rule.logsource, logsource)) && rule.matches(record))
    .map(({ id }) => id);
}

const indexed = (set: RuleSet, record: ReadRecord): string[] => set.match(record).map(({ rule }) => rule.id);

const text = fc.constantFrom('a', 'A', 'ab', 'ſ', 's', '', '1', 'true', '-a', '/A', '–a');
const scalar = fc.oneof({ arbitrary: text, weight: 4 }, { arbitrary: fc.constantFrom(1, true), weight: 1 });
/** The last three reach the same paths in one of the log sources, and hold names of operations. */
const field = fc.constantFrom('f', 'f', 'g', 'n.f', 'n', 'OperationName', 'operationName', 'properties.message');
const modifiers = fc.constantFrom(
  '',
  '',
  '',
  '',
  '|cased',
  '|contains',
  '|endswith',
  '|startswith',
  '|neq',
  '|windash',
  '|all',
  '|re',
  '|fieldref',
);
const value = fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 3 }));
const item = fc.oneof(
  {
    arbitrary: fc
      .tuple(field, modifiers, value)
      .map(([name, modifier, content]) => [`${name}${modifier}`, content] as const),
    weight: 6,
  },
  { arbitrary: field.map((name) => [name, null] as const), weight: 1 },
  { arbitrary: fc.tuple(field, fc.boolean()).map(([name, exists]) => [`${name}|exists`, exists] as const), weight: 1 },
);
const map = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => Object.fromEntries<unknown>(items));
const selection = fc.oneof(
  { arbitrary: map, weight: 3 },
  { arbitrary: fc.array(fc.oneof(map, text), { minLength: 1, maxLength: 3 }), weight: 1 },
);
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('x', 'y', 'z', '1 of them', 'all of them', '1 of *'),
    fc
      .tuple(fc.constantFrom('and', 'or', 'and not', 'or not'), tie('condition'), tie('condition'))
      .map(([word, one, other]) => `(${one} ${word} ${other})`),
  ),
}));
const DIRECTORY = { product: 'azure', service: 'auditlogs' };
const logsource = fc.constantFrom(
  { product: 'aws' },
  { product: 'aws', service: 'cloudtrail' },
  { service: 'audit' },
  DIRECTORY,
);
const rule = fc
  .tuple(selection, selection, selection, condition, logsource)
  .map(([x, y, z, holds, from]) => ({ detection: { x, y, z, condition: holds }, more: { logsource: from } }));

const leaf = fc.oneof(scalar, fc.constant(null));
const member = fc.oneof({ arbitrary: leaf, weight: 4 }, { arbitrary: fc.array(leaf, { maxLength: 3 }), weight: 1 });
const keys = fc.constantFrom('f', 'f', 'g', 'g', 'n.f', '__proto__', 'operationName', 'OperationName');
const flat = fc
  .array(fc.tuple(keys, member), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as JsonObject);
const record = fc
  .tuple(flat, fc.option(fc.oneof(flat, fc.array(flat, { maxLength: 2 }), leaf)))
  .map(([fields, n]): JsonObject => (n === null ? fields : { ...fields, n }));

/** An index of one rule that requires a test, and how often that was asked. */
function countedIndex() {
  let asked = 0;
  const test = { test: (value: string) => ((asked += 1), value.startsWith('x')), searches: false, key: 'x*' };
  const required = { field: new RecordField('f'), literals: new Set<string>(), tests: new Map([[test.key, test]]) };
  const index = new RuleIndex([{ requirements: [new Map([[required.field.key, required]])] }]);
  let found = 0;
  const lookUp = (value: string): void => index.visit({ f: value }, () => (found += 1));
  return { lookUp, counts: () => ({ asked, found }) };
}

describe('the index', () => {
  it('remembers what a value gave, of so many values as it has room for', () => {
    const { lookUp, counts } = countedIndex();
    lookUp('x');
    lookUp('x');
    expect(counts()).toEqual({ asked: 1, found: 2 });
    for (let at = 0; at < 2048; at += 1) lookUp(`a${at}`);
    lookUp('x');
    expect(counts()).toEqual({ asked: 2050, found: 3 });
  });

  it('remembers no long value', () => {
    const { lookUp, counts } = countedIndex();
    lookUp('x'.repeat(257));
    lookUp('x'.repeat(257));
    expect(counts()).toEqual({ asked: 2, found: 2 });
  });

  it('finds the rules that fire when each is evaluated by itself', () => {
    let fired = 0;
    let silent = 0;
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 8 }),
        fc.array(record, { minLength: 8, maxLength: 16 }),
        (rules, records) => {
          const set = compileRules(
            rules.map(({ detection, more }, id) => ({
              file: `${id}.yml`,
              text: ruleText(detection, { id: `r${id}`, ...more }),
            })),
          );
          for (const fields of records) {
            for (const read of [recordOf(fields), recordOf(fields, DIRECTORY, 'entra'), recordOf(fields, {}, 'json')]) {
              const expected = oneAtATime(set, read);
              expect(indexed(set, read)).toEqual(expected);
              fired += expected.length;
              silent += set.rules.length - expected.length;
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
    // Agreement says something only where rules both fire and stay silent.
    expect(Math.min(fired, silent)).toBeGreaterThan(5000);
  });

  it('visits few of many rules, each once', () => {
    const visited: string[] = [];
    const { rules } = compileRules(
      Array.from({ length: 500 }, (_, id) => ({
        file: `${id}.yml`,
        text: ruleText(
          { selection: { eventSource: 'iam.amazonaws.com', eventName: `Do${id}` }, condition: 'selection' },
          { id: `r${id}` },
        ),
      })),
    );
    const index = new RuleIndex(
      rules
        .filter((one) => one.kind === 'sigma')
        .map(({ id, detection }) => ({ id, requirements: requirementsOf(detection.condition) })),
    );
    const visit = ({ id }: { id: string }) => visited.push(id);
    index.visit({ eventSource: 'iam.amazonaws.com', eventName: 'Do7' }, visit);
    index.visit({ eventSource: 'iam.amazonaws.com', eventName: 'Undo' }, visit);
    expect(visited).toEqual(['r7']);
  });
});
