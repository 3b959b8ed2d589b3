import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../platform/clock.ts';
import { readRecord } from '../../sources/registry.ts';
import { builtinRules } from '../builtin.ts';
import { loadRules } from '../load.ts';
import { ruleSet, type RuleSet } from '../rule-set.ts';
import { compileExceptions } from './compile-exceptions.ts';
import { detecting, exceptionText, NOW } from './exception-samples.ts';
import { lintExceptions } from './lint-exceptions.ts';

const SNAPSHOT_SHARED = '83d1a9fb-a5d5-43a7-901a-9a2e39ae436f';
let builtin: RuleSet;
beforeAll(async () => {
  builtin = await loadRules([builtinRules()]);
});

/** The built-in rules with exceptions of a text, each of which can be used. */
function withExceptions(text: string): RuleSet {
  const { exceptions, rejected } = compileExceptions([{ file: 'exceptions.yml', text }], NOW, {});
  expect(rejected).toEqual([]);
  return ruleSet({ rules: builtin.rules, rejected: [], exceptions, clock: new ManualClock(NOW) });
}
const problemsOf = (text: string) => lintExceptions(withExceptions(text), readRecord);

describe('lintExceptions', () => {
  it('has nothing against the example of the documentation', async () => {
    const page = await readFile(new URL('../../../docs/exceptions.md', import.meta.url), 'utf8');
    const example = /```yaml\n(# exceptions\/.*?)```/s.exec(page)?.[1] ?? '';
    expect(withExceptions(example).exceptions).toMatchObject([{ id: 'snapshot-copies', rules: [SNAPSHOT_SHARED] }]);
    expect(await problemsOf(example)).toEqual([]);
  });

  it('tells by its tests that an exception suppresses all of a rule', async () => {
    const detection = detecting({ 'userIdentity.arn|startswith': 'arn:aws:iam::111122223333:user/' });
    expect(await problemsOf(exceptionText({ rules: [SNAPSHOT_SHARED], detection }))).toEqual([
      { file: 'exceptions.yml', line: 1, reason: expect.stringContaining('raises in its tests') as string },
    ]);
  });

  it('tells each problem of each exception', async () => {
    const detection = detecting({ eventSource: ['ec2.amazonaws.com', 'rds.amazonaws.com'] });
    const text = [
      exceptionText({ rules: ['none', SNAPSHOT_SHARED], detection }),
      exceptionText({ id: 'second', rules: ['none'] }),
    ].join('\n---\n');
    expect((await problemsOf(text)).map(({ line, reason }) => [line, reason.slice(0, 40)])).toEqual([
      [1, "there is no rule 'none'; name rules by t"],
      [1, 'it would suppress all that the rule 83d1'],
      [3, "there is no rule 'none'; name rules by t"],
    ]);
  });
});
