import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../platform/clock.ts';
import { importModule } from './rule-module.ts';
import { recordOf } from '../testing/rule-samples.ts';
import type { TypeScriptRule } from '../rule.ts';
import { importRule } from './typescript-rule.ts';

const RULE = `import type { EventRule } from '../nowhere/event-rule.ts';

export default {
  title: 'A rule',
  id: '00000000-0000-4000-8000-000000000001',
  description: 'What it finds.',
  tags: ['attack.persistence', 'attack.t1098.003'],
  falsepositives: ['Administrators'],
  level: 'high',
  owner: 'identity',
  window: '1d',
  logsource: { product: 'AWS' },
  classes: [0, 6003],
  matches(event: { source: string }, record: Record<string, unknown>): boolean {
    return event.source === 'cloudtrail' && record['eventName'] === 'StopLogging';
  },
} satisfies EventRule<0 | 6003>;
`;

async function ruleOf(text: string): Promise<TypeScriptRule> {
  const imported = await importRule({ file: 'a.rule.ts', text });
  if ('reason' in imported) throw new Error(imported.reason);
  return imported.rule;
}

/** The rule with other functions. */
const withFunctions = (functions: string): string => RULE.replace(/ {2}matches\([^]*?\n {2}\},\n/, functions);

/** Where and why a rule is rejected: `line: reason`. */
async function rejectionOf(text: string): Promise<string> {
  const imported = await importRule({ file: 'a.rule.ts', text });
  return 'reason' in imported ? `${imported.line ?? '-'}: ${imported.reason}` : 'it is not rejected';
}

describe('importRule', () => {
  it('reads what the rule says of itself, as of a Sigma rule', async () => {
    expect(await ruleOf(RULE)).toMatchObject({
      kind: 'typescript',
      id: '00000000-0000-4000-8000-000000000001',
      title: 'A rule',
      level: 'high',
      techniques: ['T1098.003'],
      logsource: { product: 'aws' },
      decision: 'warn',
      owner: 'identity',
      group: ['principal'],
      window: 86_400_000,
      classes: [0, 6003],
      file: 'a.rule.ts',
      line: 1,
    });
  });

  it('gives it the event and the record', async () => {
    const { matches } = await ruleOf(RULE);
    expect(matches(recordOf({ eventName: 'StopLogging' }))).toBe(true);
    expect(matches(recordOf({ eventName: 'GetTrail' }))).toBe(false);
    expect(matches(recordOf({ eventName: 'StopLogging' }, {}, 'json'))).toBe(false);
  });

  it('gives it the tools, and asks it for a key', async () => {
    const rule = await ruleOf(
      withFunctions(`  matches: (event, record, { values }) => values(record, 'a.b').includes(2),
  key: (event, record, { values }) => 'key ' + values(record, 'a.b').join(),\n`),
    );
    const record = recordOf({ a: [{ b: 1 }, { b: 2 }] });
    expect(rule.matches(record)).toBe(true);
    expect(rule.key?.(record)).toBe('key 1,2');
    expect((await ruleOf(RULE)).key).toBeUndefined();
  });

  it('takes any log source where none is stated', async () => {
    expect((await ruleOf(RULE.replace(/ {2}logsource.*\n/, ''))).logsource).toEqual({});
  });

  it('reads a changed text anew, and the same one once', async () => {
    const count = (text: string) =>
      withFunctions(`  matches: () => (globalThis.loads = (globalThis.loads ?? 0) + 1) > ${text},\n`);
    expect((await ruleOf(count('0'))).matches(recordOf({}))).toBe(true);
    expect((await ruleOf(count('9'))).matches(recordOf({}))).toBe(false);
    expect((await ruleOf(count('0'))).matches(recordOf({}))).toBe(true);
    const [one, same] = [await importModule({ file: 'a', text: RULE }), await importModule({ file: 'a', text: RULE })];
    expect(one).toBe(same);
  });

  it.each<[what: string, text: string, reason: RegExp]>([
    ['no TypeScript', RULE.replace('level:', 'level'), /^9: not readable as TypeScript: /],
    ['syntax that is more than types', `${RULE}\nenum A { B }`, /^19: not readable as TypeScript: .*enum/],
    ['no JavaScript', `${RULE}\nreturn 5;`, /: not readable as TypeScript: /],
    [
      'a relative import',
      `import { a } from './a.ts';\na();\n${RULE}`,
      /imports \.\/a\.ts, which a rule cannot: .*import type/,
    ],
    ['a package', `import { z } from 'zod';\nz();\n${RULE}`, /imports zod, which a rule cannot/],
    ['a type imported as a value', RULE.replace('import type {', 'import {type '), /imports \.\.\/nowhere/],
    ['a module that throws', `// two\nthrow new Error("no\\nway");`, /^2: importing it throws: Error: no way$/],
    ['a module that throws anything', `throw { no: 'error' };`, /^-: the module throws something that is no error$/],
    [
      'no default export',
      RULE.replace('export default', 'export const rule ='),
      /expected the rule as the default export/,
    ],
    ['a default export that is no object', 'export default 5;', /^1: expected the rule as the default export/],
    ['no id', RULE.replace(/ {2}id.*\n/, ''), /^1: id: expected a text/],
    ['an unknown key', RULE.replace('owner:', 'oner:'), /^10: .*Unrecognized key: "oner"/],
    ['an unusable window', RULE.replace("'1d'", "'long'"), /^11: window: expected a length of time/],
    ['an unusable owner', RULE.replace("'identity'", "'the team'"), /^10: owner: expected a name/],
    ['an unusable level', RULE.replace("'high'", "'bad'"), /^9: level: /],
    [
      'a class that no event has',
      RULE.replace('6003],', '4001],'),
      /^13: classes\.1: expected classes .*6003 API Activity/,
    ],
    ['no classes', RULE.replace('[0, 6003],', '6003,'), /^13: classes: expected a list of OCSF classes/],
    ['no function', withFunctions('  matches: true,\n'), /^14: matches: expected a function/],
    ['an async function', withFunctions('  matches: async () => true,\n'), /^14: matches: .* none that is async/],
    ['a generator', withFunctions('  *matches() { yield true; },\n'), /: matches: expected a function/],
    ['a key that is none', withFunctions("  matches: () => true,\n  key: 'x',\n"), /^15: key: expected a function/],
    [
      'group beside key',
      withFunctions("  matches: () => true,\n  group: ['a'],\n  key: () => 'x',\n"),
      /^15: group: stands beside key/,
    ],
    ['what is no data', withFunctions('  matches: () => true,\n  references: [1n],\n'), /expected texts, numbers/],
    [
      'what throws when it is read',
      withFunctions("  matches: () => true,\n  get group() { throw new Error('no'); },\n"),
      /^-: reading the rule throws: 'Error: no'/,
    ],
  ])('rejects %s', async (_, text, reason) => {
    expect(await rejectionOf(text)).toMatch(reason);
  });

  it('keeps names of the prototype apart', async () => {
    expect(await rejectionOf(RULE.replace('owner:', '["constructor"]:'))).toMatch(/Unrecognized key: "constructor"/);
  });

  it.each([
    ['nothing', 'undefined', 'undefined'],
    ['a number', '1', 'number'],
    ['a promise', 'Promise.resolve(true)', 'object'],
    ['a promise that fails', "Promise.reject(new Error('no'))", 'object'],
  ])('does not take %s for an answer', async (_, answer, type) => {
    const { matches } = await ruleOf(withFunctions(`  matches: () => ${answer},\n`));
    expect(() => matches(recordOf({}))).toThrow(`matches answers with ${type}, not with true or false`);
  });

  it('does not take an empty text, or none, for a key', async () => {
    for (const answer of ["''", '7']) {
      const rule = await ruleOf(withFunctions(`  matches: () => true,\n  key: () => ${answer},\n`));
      expect(() => rule.key?.(recordOf({}))).toThrow('not with a text with something in it');
    }
  });
});

describe('importModule', () => {
  it('does not wait for ever', async () => {
    const clock = new ManualClock(0);
    const result = importModule({ file: 'a.rule.ts', text: 'await new Promise(() => {}); export default 1;' }, clock);
    await expect.poll(() => clock.waiting).toBe(1);
    clock.advance(10_000);
    await expect(result).rejects.toThrow('the module is not ready after 10 s');
  });

  it('says nothing of the stripping of types', async () => {
    const warnings: unknown[] = [];
    const listener = (warning: unknown) => warnings.push(warning);
    process.on('warning', listener);
    await importModule({ file: 'a.rule.ts', text: 'export default 1 as number;' });
    await new Promise(setImmediate);
    process.off('warning', listener);
    expect(warnings).toEqual([]);
  });
});
