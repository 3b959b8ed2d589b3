import type { RuleTestReport, RuleTestResult } from '../../pipeline/detection/testing/rule-tests.ts';
import type { DiffLine } from '../../pipeline/detection/testing/signal-diff.ts';
import { printable, styled } from '../terminal.ts';

type Write = (line: string) => void;

/** How a run of tests is told. @param orphans files of tests beside which no rules stand */
export type TestReport = (
  reports: readonly RuleTestReport[],
  orphans: readonly string[],
  seconds: number,
  write: Write,
) => void;

/** One JSON object a line: problems, tests, files without tests, then one summary. */
export const lineReport: TestReport = (reports, orphans, seconds, write) => {
  const tell = (type: string, content: object) => write(JSON.stringify({ type, ...content }));
  for (const file of orphans) tell('problem', { file, reason: NO_RULES });
  for (const { file, rules, problems, testFile, tests } of reports) {
    for (const problem of problems) tell('problem', problem);
    for (const { milliseconds, failure, ...test } of tests) {
      tell('test', {
        file: testFile,
        rules: rules.map(({ id }) => id),
        ...test,
        milliseconds: Number(milliseconds.toFixed(3)),
        ...failure,
      });
    }
    if (testFile === undefined) tell('untested', { file, rules: rules.map(({ id }) => id) });
  }
  tell('summary', { ...countsOf(reports, orphans), seconds: Number(seconds.toFixed(3)) });
};

const NO_RULES = 'no rules stand beside these tests; tests of x.yml and x.rule.ts are in x.tests.yml';

/** What failed, with the difference, then what has no tests, then the counts. */
export const tableReport: TestReport = (reports, orphans, seconds, write) => {
  for (const file of orphans) write(`${CROSS()} ${styled('bold', printable(file))}\n    ${NO_RULES}\n`);
  for (const report of reports) {
    const lines = linesOf(report);
    if (lines.length > 0) for (const line of [...lines, '']) write(line);
  }
  const without = reports.filter(({ testFile }) => testFile === undefined);
  if (without.length > 0) {
    write(`${styled('yellow', '!')} no tests beside`);
    for (const { file } of without.slice(0, MAX_LISTED)) write(`    ${printable(file)}`);
    if (without.length > MAX_LISTED) write(`    and ${without.length - MAX_LISTED} more`);
    write('');
  }
  const { rules, tests, passed, failed, problems, untested } = countsOf(reports, orphans);
  const counts = [
    styled(passed > 0 ? 'green' : 'dim', `${passed} passed`),
    styled(failed > 0 ? 'red' : 'dim', `${failed} failed`),
    ...(problems > 0 ? [styled('red', `${problems} unusable`)] : []),
    ...(untested > 0 ? [styled('yellow', `${many(untested, 'file')} without tests`)] : []),
  ];
  write(`${many(rules, 'rule')}, ${many(tests, 'test')}: ${counts.join(', ')} in ${seconds.toFixed(2)} s`);
};

/** Of the files without tests, this many are named. */
const MAX_LISTED = 10;

const CROSS = (): string => styled('red', '✗');

/** What there is to say of a file: nothing, where all is well. */
function linesOf({ file, testFile = file, rules, problems, tests }: RuleTestReport): string[] {
  const failed = tests.filter(({ passed }) => !passed);
  if (problems.length === 0 && failed.length === 0) return [];
  const titles = rules.map(({ title }) => printable(title)).join(', ');
  return [
    `${CROSS()} ${styled('bold', titles === '' ? printable(file) : titles)}`,
    ...problems.map(({ file: place, line, reason }) => printable(`    ${place}:${line ?? 1}: ${reason}`)),
    ...failed.flatMap((test) => failedLines(testFile, test)),
  ];
}

function failedLines(testFile: string, { name, line, failure }: RuleTestResult): string[] {
  const { reason = 'failed', details = [], diff = [] } = failure ?? {};
  return [
    `    ${CROSS()} ${printable(name)}  ${styled('dim', printable(`${testFile}:${line}`))}`,
    `        ${printable(reason)}`,
    ...details.map((detail) => `        ${printable(detail)}`),
    ...diff.map(diffLine),
  ];
}

const DIFF_STYLES = { '-': 'red', '+': 'green', ' ': 'dim' } as const satisfies Record<DiffLine['sign'], string>;

const diffLine = ({ sign, text }: DiffLine): string => styled(DIFF_STYLES[sign], `        ${sign} ${printable(text)}`);

function countsOf(reports: readonly RuleTestReport[], orphans: readonly string[]) {
  const tests = reports.flatMap((report) => report.tests);
  const passed = tests.filter((test) => test.passed).length;
  return {
    files: reports.length,
    rules: sum(reports.map(({ rules }) => rules.length)),
    tests: tests.length,
    passed,
    failed: tests.length - passed,
    problems: sum(reports.map(({ problems }) => problems.length)) + orphans.length,
    untested: reports.filter(({ testFile }) => testFile === undefined).length,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
