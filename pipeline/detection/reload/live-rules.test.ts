import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../platform/clock.ts';
import { Metrics } from '../../../platform/metrics.ts';
import { exceptionText } from '../exceptions/exception-samples.ts';
import { recordOf, ruleText } from '../testing/rule-samples.ts';
import type { RuleSet } from '../matching/rule-set.ts';
import { LiveRules, type RuleFiles } from './live-rules.ts';
import { ruleFileState, ruleSnapshot, type RuleSettings } from './rule-snapshot.ts';

const root = mkdtempSync(join(tmpdir(), 'live-rules-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const INTERVAL = 30_000;
const BAD =
  'title: Bad\nlogsource: {product: aws}\ndetection:\n  selection: {f|no_such_modifier: a}\n  condition: selection\n';
const RECORD = recordOf({ f: 'a' });

/** A rule that fires on `RECORD`; the title tells which text of it did. */
const rule = (id: string, title = 'first') =>
  ruleText({ selection: { f: 'a' }, condition: 'selection' }, { id, title });

/** What a set says to `RECORD`: the titles of the rules that fire, by their ids. */
const firing = (set: RuleSet) => Object.fromEntries(set.match(RECORD).map(({ rule: { id, title } }) => [id, title]));

let folder: string;
let folders = 0;
beforeEach(() => {
  folder = join(root, String((folders += 1)));
  mkdirSync(folder);
});

const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

/** Rules of the folder, with what is told of them. */
async function started(more: Partial<RuleSettings> = {}, files?: RuleFiles) {
  const clock = new ManualClock(Date.UTC(2026, 10, 20));
  const metrics = new Metrics();
  const lines: string[] = [];
  const ports = {
    settings: () => Promise.resolve({ directories: [folder], options: { clock }, reload: INTERVAL, ...more }),
    clock,
    metrics,
    log: (level: string, message: string) => void lines.push(`${level}: ${message.replaceAll(`${folder}/`, '')}`),
  };
  const rules = await LiveRules.start(ports, files);
  return {
    ...{ ports, rules, clock, metrics },
    /** What was said at the start. */
    said: lines.splice(0),
    /** Lets the time pass after which the files are looked at, and gives the lines that this brings. */
    look: async () => {
      clock.advance(INTERVAL);
      await rules.refresh();
      return lines.splice(0);
    },
  };
}

describe('LiveRules', () => {
  it('takes what was added, changed and removed, and says so once', async () => {
    for (const id of ['stays', 'changes', 'goes']) write(`${id}.yml`, rule(id));
    const { rules, look, metrics, clock } = await started();
    expect(await look()).toEqual([]);
    write('changes.yml', rule('changes', 'second'));
    write('comes.yml', rule('comes'));
    rmSync(join(folder, 'goes.yml'));
    expect(await look()).toEqual([
      'information: rules: reloaded, 3 in use: 1 added (comes), 1 removed (goes), 1 changed (changes)',
    ]);
    expect(firing(rules.current)).toEqual({ stays: 'first', changes: 'second', comes: 'first' });
    expect(await look()).toEqual([]);
    expect(await look()).toEqual([]);
    expect(metrics.total('rules_reload', { result: 'taken' })).toBe(1);
    expect(rules.reloaded).toBe(clock.now() - 2 * INTERVAL);
  });

  it('keeps the running rules where one is bad, says where and why once, and takes it when it is put right', async () => {
    write('a.yml', rule('a'));
    write('b.yml', rule('b'));
    const { rules, look, metrics, clock } = await started();
    const before = rules.current;
    write('a.yml', rule('a', 'second'));
    write('b.yml', BAD);
    expect(await look()).toEqual([
      expect.stringMatching(
        /^warning: rules: the change of their files is not taken, those in use stay: b\.yml:4: .*no_such_modifier/,
      ),
    ]);
    expect(rules.current).toBe(before);
    expect(rules.refused?.at).toBe(clock.now());
    expect(rules.refused?.reasons).toEqual([expect.stringContaining('b.yml:4: ')]);
    expect(await look()).toEqual([]);
    expect(metrics.total('rules_reload', { result: 'refused' })).toBe(1);
    write('b.yml', BAD.replace('no_such', 'another'));
    expect(await look()).toEqual([expect.stringContaining('another_modifier')]);
    write('b.yml', rule('b', 'third'));
    expect(await look()).toEqual(['information: rules: reloaded, 2 in use: 2 changed (a, b)']);
    expect(rules.refused).toBeUndefined();
    expect(firing(rules.current)).toEqual({ a: 'second', b: 'third' });
  });

  it('looks again after the clock was put back', async () => {
    write('a.yml', rule('a'));
    const { rules, clock } = await started();
    write('a.yml', rule('a', 'second'));
    clock.advance(-3_600_000);
    await rules.refresh();
    expect(firing(rules.current)).toEqual({ a: 'second' });
  });

  it('reads something else where a file comes that cannot be read', async () => {
    write('a.yml', rule('a'));
    const settings = { directories: [folder], options: {}, reload: INTERVAL };
    const before = await ruleSnapshot(settings);
    expect((await ruleSnapshot(settings)).content).toBe(before.content);
    writeFileSync(join(folder, 'b.yml'), new Uint8Array([0xff]));
    expect((await ruleSnapshot(settings)).content).not.toBe(before.content);
  });

  it('says what is meant where the last exception is gone, which may be in a folder that nobody named', async () => {
    const exceptions = mkdtempSync(join(root, 'exceptions-'));
    const detection = { selection: { f: 'a' }, condition: 'selection' };
    write('a.yml', rule('a'));
    writeFileSync(join(exceptions, 'a.yml'), exceptionText({ rules: ['a'], detection }));
    const { look } = await started({ options: { exceptions: [exceptions] } });
    rmSync(join(exceptions, 'a.yml'));
    expect(await look()).toEqual([
      expect.stringContaining(
        `${exceptions}: it holds no exceptions any more; where that is meant, remove the folder, or`,
      ),
    ]);
  });

  it('says when a bad change is undone', async () => {
    write('a.yml', rule('a'));
    const { rules, look } = await started();
    write('a.yml', rule('a').slice(0, 40));
    expect(await look()).toEqual([expect.stringContaining('a.yml')]);
    write('a.yml', rule('a'));
    expect(await look()).toEqual(['information: rules: their files are again as they are in use']);
    expect(rules.refused).toBeUndefined();
    expect(rules.reloaded).toBeUndefined();
  });

  it('lives with what it was started without, be it at another line, and with nothing worse', async () => {
    write('bad.yml', BAD);
    write('b.yml', `---\n${rule('a')}\n`);
    write('a.yml', rule('a'));
    const { rules, look, said } = await started();
    expect(rules.current.rejected).toHaveLength(2);
    expect(said).toEqual([
      expect.stringMatching(/^warning: rules: not in use: b\.yml:2: the id a is taken/),
      expect.stringMatching(/^warning: rules: not in use: bad\.yml:4: unknown modifier/),
    ]);
    write('bad.yml', `# moved\n${BAD}`);
    write('a.yml', `# moved\n${rule('a', 'second')}`);
    expect(await look()).toEqual(['information: rules: reloaded, 1 in use: 1 changed (a)']);
    write('bad.yml', `${BAD}---\n${BAD.replace('no_such', 'another')}`);
    expect(await look()).toEqual([expect.stringContaining('bad.yml:10: ')]);
  });

  it.each<[what: string, spoil: () => void, heal: () => void, reason: RegExp]>([
    [
      'is gone',
      () => renameSync(folder, `${folder}-away`),
      () => renameSync(`${folder}-away`, folder),
      /cannot be read; name one/,
    ],
    [
      'is empty',
      () => renameSync(join(folder, 'a.yml'), `${folder}-a`),
      () => renameSync(`${folder}-a`, join(folder, 'a.yml')),
      /holds no rules any more/,
    ],
    [
      'is a file',
      () => {
        renameSync(folder, `${folder}-away`);
        writeFileSync(folder, 'x');
      },
      () => {
        rmSync(folder);
        renameSync(`${folder}-away`, folder);
      },
      /expected a Sigma rule/,
    ],
  ])('keeps the running rules where their directory %s, and says so once', async (_what, spoil, heal, reason) => {
    write('a.yml', rule('a'));
    const { rules, look } = await started();
    spoil();
    expect(await look()).toEqual([expect.stringMatching(reason)]);
    expect(await look()).toEqual([]);
    expect(firing(rules.current)).toEqual({ a: 'first' });
    heal();
    expect(await look()).toEqual(['information: rules: their files are again as they are in use']);
    expect(rules.refused).toBeUndefined();
  });

  it('keeps the running rules where a file cannot be read', async () => {
    write('a.yml', rule('a'));
    const { rules, look } = await started();
    rmSync(join(folder, 'a.yml'));
    symlinkSync('a.yml', join(folder, 'a.yml'));
    expect(await look()).toEqual([expect.stringContaining('a.yml: not readable')]);
    expect(firing(rules.current)).toEqual({ a: 'first' });
  });

  it('sees a change that leaves size and time of a file as they were', async () => {
    write('a.yml', rule('a', 'one'));
    const { rules, look } = await started();
    await look();
    const { atime, mtime, size } = statSync(join(folder, 'a.yml'));
    write('a.yml', rule('a', 'two'));
    utimesSync(join(folder, 'a.yml'), atime, mtime);
    expect(statSync(join(folder, 'a.yml')).size).toBe(size);
    expect(await look()).toEqual([expect.stringContaining('1 changed (a)')]);
    expect(firing(rules.current)).toEqual({ a: 'two' });
  });

  it('sees a change that follows another at once, where the clock of the file system is too coarse to tell', async () => {
    let version = 1;
    const state: RuleFiles['state'] = () => Promise.resolve({ version: String(version), empty: [] });
    write('a.yml', rule('a'));
    const { rules, look } = await started({}, { state, snapshot: ruleSnapshot });
    version = 2;
    write('a.yml', rule('a', 'second'));
    await look();
    write('a.yml', rule('a', 'third'));
    await look();
    expect(firing(rules.current)).toEqual({ a: 'third' });
  });

  it('takes no state that never was, where files are written while they are read', async () => {
    write('a.yml', rule('a'));
    write('b.yml', rule('b'));
    let writes: (() => void)[] = [];
    const snapshot: RuleFiles['snapshot'] = async (settings) => {
      const old = await ruleSnapshot(settings);
      const [next] = writes.splice(0, 1);
      next?.();
      return old;
    };
    const { rules, look } = await started({}, { state: ruleFileState, snapshot });
    write('a.yml', rule('a', 'second'));
    writes = [() => write('b.yml', rule('b', 'second'))];
    expect(await look()).toEqual(['information: rules: reloaded, 2 in use: 2 changed (a, b)']);
    expect(firing(rules.current)).toEqual({ a: 'second', b: 'second' });
    write('a.yml', rule('a', 'third'));
    writes = [1, 2, 3].map((time) => () => write('b.yml', rule('b', `third ${time}`)));
    expect(await look()).toEqual([]);
    expect(await look()).toEqual(['information: rules: reloaded, 2 in use: 2 changed (a, b)']);
    expect(firing(rules.current)).toEqual({ a: 'third', b: 'third 3' });
  });

  it('takes no notice of a file that is only touched', async () => {
    write('a.yml', rule('a'));
    const { rules, look } = await started();
    const before = rules.current;
    utimesSync(join(folder, 'a.yml'), new Date(), new Date(Date.now() + 10_000));
    expect(await look()).toEqual([]);
    expect(rules.current).toBe(before);
  });

  it('looks no more often than it is told, and never where it is told not to', async () => {
    write('a.yml', rule('a'));
    const often = await started();
    const never = await started({ reload: 0 });
    write('a.yml', rule('a', 'second'));
    often.clock.advance(INTERVAL - 1);
    await often.rules.refresh();
    expect(firing(often.rules.current)).toEqual({ a: 'first' });
    often.clock.advance(1);
    await often.rules.refresh();
    expect(firing(often.rules.current)).toEqual({ a: 'second' });
    expect(await never.look()).toEqual([]);
    expect(firing(never.rules.current)).toEqual({ a: 'first' });
  });

  it('looks by itself while it is followed', async () => {
    write('a.yml', rule('a'));
    const { rules, clock } = await started();
    const stop = new AbortController();
    const following = rules.follow(stop.signal);
    write('a.yml', rule('a', 'second'));
    clock.advance(INTERVAL);
    await expect.poll(() => firing(rules.current)).toEqual({ a: 'second' });
    await expect.poll(() => clock.waiting).toBe(1);
    stop.abort();
    await following;
    expect(clock.waiting).toBe(0);
  });

  it('follows settings, and keeps the running rules where they cannot be used', async () => {
    write('a.yml', rule('a'));
    mkdirSync(join(folder, 'more'));
    const other = mkdtempSync(join(root, 'other-'));
    writeFileSync(join(other, 'b.yml'), rule('b'));
    const { ports, clock } = await started();
    let settings = await ports.settings();
    let problem: Error | undefined;
    const lines: string[] = [];
    const rules = await LiveRules.start({
      ...ports,
      settings: () => (problem === undefined ? Promise.resolve(settings) : Promise.reject(problem)),
      log: (_level, message) => void lines.push(message),
    });
    const look = async () => {
      clock.advance(INTERVAL);
      await rules.refresh();
      return lines.splice(0);
    };
    settings = { ...settings, directories: [folder, other] };
    expect(await look()).toEqual(['rules: reloaded, 2 in use: 1 added (b)']);
    problem = new Error('crosstrail.yaml cannot be used:\n  rules.builtin: expected a boolean');
    expect(await look()).toEqual([expect.stringContaining('cannot be used: rules.builtin: expected a boolean')]);
    expect(await look()).toEqual([]);
    problem = undefined;
    expect(await look()).toEqual(['rules: their files are again as they are in use']);
    settings = { ...settings, directories: [folder] };
    expect(await look()).toEqual(['rules: reloaded, 1 in use: 1 removed (b)']);
  });

  it('takes rules in TypeScript, filters, correlation rules and exceptions as it takes rules in Sigma', async () => {
    const exceptions = mkdtempSync(join(root, 'exceptions-'));
    const typescript = (title: string) =>
      `export default { id: 'typed', title: '${title}', classes: [], matches: () => true };`;
    const logsource = { product: 'aws', service: 'cloudtrail' };
    const detection = { selection: { f: 'a' }, condition: 'selection' };
    const filter = { rules: ['a'], selection: { f: 'a' }, condition: 'not selection' };
    const correlation = { type: 'event_count', rules: ['a'], timespan: '1h', condition: { gte: 5 } };
    write('a.yml', rule('a'));
    write('typed.rule.ts', typescript('first'));
    const { rules, look } = await started({ options: { typescript: true, exceptions: [exceptions] } });
    expect(firing(rules.current)).toEqual({ a: 'first', typed: 'first' });
    write('typed.rule.ts', typescript('second'));
    write('filter.yml', JSON.stringify({ title: 'Filter', id: 'filter', logsource, filter }));
    write('often.yml', JSON.stringify({ title: 'Often', id: 'often', correlation }));
    writeFileSync(join(exceptions, 'a.yml'), exceptionText({ id: 'excepted', rules: ['typed'], logsource, detection }));
    expect(await look()).toEqual([
      'information: rules: reloaded, 3 in use: 3 added (filter, often, excepted), 1 changed (typed)',
    ]);
    expect(firing(rules.current)).toEqual({ typed: 'second' });
    expect(rules.current.match(RECORD)).toMatchObject([{ suppressed: { exception: 'excepted' } }]);
    writeFileSync(join(exceptions, 'a.yml'), exceptionText({ id: 'excepted', owner: undefined }));
    expect(await look()).toEqual([expect.stringContaining('owner')]);
    expect(rules.current.match(RECORD)).toMatchObject([{ suppressed: { exception: 'excepted' } }]);
  });

  it('keeps what is known of failing rules, as long as they stay as they are', async () => {
    const failing = recordOf({ f: 'a', g: 'a' });
    Object.defineProperty(failing.fields, 'g', {
      get: () => {
        throw new Error('a defect of the engine');
      },
    });
    const text = (id: string, title: string) =>
      ruleText({ selection: { 'g|contains': 'a' }, condition: 'selection' }, { id, title });
    write('stays.yml', text('stays', 'first'));
    write('changes.yml', text('changes', 'first'));
    const { rules, look } = await started();
    const first = 'Error: a defect of the engine';
    rules.current.match(failing);
    write('changes.yml', text('changes', 'second'));
    await look();
    expect([...rules.errors]).toEqual([['stays', { count: 1, first }]]);
    rules.current.match(failing);
    expect(Object.fromEntries(rules.errors)).toEqual({ stays: { count: 2, first }, changes: { count: 1, first } });
    write('more.yml', rule('more'));
    await look();
    expect(rules.errors.get('stays')).toEqual({ count: 2, first });
  });

  it('says of each rule that fails that it does, once, and again when it was changed', async () => {
    const failing = recordOf({ f: 'a' });
    const typescript = (text: string) =>
      `export default { id: 'typed', title: 'Typed', classes: [], matches: () => { throw new Error('${text}'); } };`;
    write('typed.rule.ts', typescript('one\\ntwo'));
    write('a.yml', rule('a'));
    const { rules, look } = await started({ options: { typescript: true } });
    expect(await look()).toEqual([]);
    rules.current.match(failing);
    rules.current.match(failing);
    expect(await look()).toEqual([
      'warning: rules: typed (typed.rule.ts) fails, and may miss what it is for; first: Error: one two',
    ]);
    rules.current.match(failing);
    expect(await look()).toEqual([]);
    write('b.yml', rule('b'));
    expect(await look()).toHaveLength(1);
    rules.current.match(failing);
    expect(await look()).toEqual([]);
    write('typed.rule.ts', typescript('three'));
    expect(await look()).toHaveLength(1);
    rules.current.match(failing);
    expect(await look()).toEqual([expect.stringContaining('first: Error: three')]);
  });

  it('goes on matching while it loads, and takes one change after the other', async () => {
    for (let index = 0; index < 100; index += 1) write(`${index}.yml`, rule(`r${index}`));
    const { rules, clock } = await started();
    for (let index = 0; index < 100; index += 1) write(`${index}.yml`, rule(`r${index}`, 'second'));
    clock.advance(INTERVAL);
    const looks = [rules.refresh(), rules.refresh()];
    expect(looks[0]).toBe(looks[1]);
    const titles = new Set<string>();
    while (rules.reloaded === undefined) {
      const fired = Object.values(firing(rules.current));
      expect(fired).toHaveLength(100);
      expect(new Set(fired).size).toBe(1);
      titles.add(fired[0] ?? '');
      await new Promise(setImmediate);
    }
    expect([...titles]).toEqual(['first']);
    expect(Object.values(firing(rules.current))).toEqual(Array(100).fill('second'));
  });
});

describe('whatever happens to the files', () => {
  const FILES = ['a', 'b', 'c'];
  const file = fc.constantFrom(...FILES);
  type Step = readonly [
    kind: 'good' | 'bad' | 'half' | 'delete' | 'rename' | 'look' | 'begin' | 'wait',
    file: string,
    other: string,
  ];
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom('good', 'good', 'bad', 'half', 'delete', 'rename', 'look', 'begin', 'wait'),
    file,
    file,
  );

  /** The rules that are in the files, by what is known of them; undefined where one of them is bad or none is left. */
  const complete = (files: ReadonlyMap<string, string | undefined>) =>
    files.size > 0 && [...files.values()].every((text) => text !== undefined)
      ? JSON.stringify(Object.fromEntries([...files.values()].map((text) => [text?.split('-')[0], text]).sort()))
      : undefined;

  it('each match is by one complete good state of them, and the last one is taken when they rest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        folder = mkdtempSync(join(root, 'sequence-'));
        const files = new Map<string, string | undefined>([['a', 'a-0']]);
        write('a.yml', rule('a', 'a-0'));
        const { rules, look, clock } = await started();
        const states = new Set([complete(files)]);
        const matched = () => JSON.stringify(Object.fromEntries(Object.entries(firing(rules.current)).sort()));
        for (const [at, [kind, name, other]] of steps.entries()) {
          // The rule of a file goes with it when it is renamed; two files never hold the same.
          const title = `${name}${at}-${at % 10}`;
          const path = join(folder, `${name}.yml`);
          switch (kind) {
            case 'good':
              writeFileSync(path, rule(title.split('-')[0] ?? '', title));
              files.set(name, title);
              break;
            case 'bad':
              writeFileSync(path, BAD);
              files.set(name, undefined);
              break;
            case 'half':
              writeFileSync(path, rule(name, title).slice(0, 60));
              files.set(name, undefined);
              break;
            case 'delete':
              rmSync(path, { force: true });
              files.delete(name);
              break;
            case 'rename':
              if (!files.has(name) || name === other) break;
              renameSync(path, join(folder, `${other}.yml`));
              files.set(other, files.get(name));
              files.delete(name);
              break;
            case 'look':
              await look();
              break;
            case 'begin':
              clock.advance(INTERVAL);
              void rules.refresh();
              break;
            case 'wait':
              await new Promise(setImmediate);
          }
          states.add(complete(files));
          expect([...states]).toContain(matched());
        }
        await look();
        await look();
        if (complete(files) !== undefined) expect(matched()).toBe(complete(files));
        expect(rules.refused === undefined).toBe(complete(files) !== undefined);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
