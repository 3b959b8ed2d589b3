import type { RuleTestReport, RuleTestResult } from './rule-tests.ts';

/**
 * Test reports as JUnit XML, as build servers read it: a suite for each file of rules, a case for each of its tests. What is
 * wrong with the file itself, such as a rule that cannot be used, is a case that ends in an error. Written is what all common
 * readers know, after the schema of Jenkins (junit-10.xsd of its xUnit plugin) and of Apache Ant.
 */
export function junitXml(reports: readonly RuleTestReport[]): string {
  const suites = reports.map(suiteOf);
  const lines = suites.map(({ attributes, cases }) => element('testsuite', attributes, cases));
  const total = (count: (suite: Suite) => number): number => suites.reduce((sum, suite) => sum + count(suite), 0);
  const attributes = {
    name: 'crosstrail rules test',
    tests: total(({ attributes: { tests } }) => tests),
    failures: total(({ attributes: { failures } }) => failures),
    errors: total(({ attributes: { errors } }) => errors),
    time: seconds(total(({ time }) => time)),
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', attributes, lines)}\n`;
}

interface Suite {
  readonly attributes: {
    readonly name: string;
    readonly tests: number;
    readonly failures: number;
    readonly errors: number;
  };
  readonly cases: readonly string[];
  /** Milliseconds. */
  readonly time: number;
}

function suiteOf({ file, tests, problems }: RuleTestReport): Suite {
  const time = tests.reduce((sum, test) => sum + test.milliseconds, 0);
  const errors = problems.map(({ file: place, line, reason }) =>
    element('testcase', { name: 'can be used', classname: file, time: seconds(0) }, [
      element('error', { message: reason, type: 'unusable' }, [escaped(`${place}:${line ?? 1}: ${reason}`)]),
    ]),
  );
  const cases = [...errors, ...tests.map((test) => caseOf(file, test))];
  const failures = tests.filter(({ passed }) => !passed).length;
  const counts = { tests: cases.length, failures, errors: errors.length, skipped: 0, time: seconds(time) };
  return { attributes: { name: file, ...counts }, cases, time };
}

function caseOf(file: string, { name, milliseconds, failure }: RuleTestResult): string {
  const content = failure && [
    element('failure', { message: failure.reason, type: 'failure' }, [
      escaped(
        [failure.reason, ...failure.details, ...failure.diff.map(({ sign, text }) => `${sign} ${text}`)].join('\n'),
      ),
    ]),
  ];
  return element('testcase', { name, classname: file, time: seconds(milliseconds) }, content ?? []);
}

/** Seconds with at most three places after the point, as the schemas ask for. */
const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly string[],
): string {
  const open = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(String(value))}"`)].join(
    ' ',
  );
  return content.length === 0 ? `<${open}/>` : `<${open}>${content.join('\n')}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Characters that XML 1.0 has no place for, not even escaped: https://www.w3.org/TR/xml/#charsets */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text as it stands in an attribute or between elements. */
function escaped(text: string): string {
  return text.replace(NOT_XML, '\ufffd').replace(/[&<>"'\t\n\r]/g, (character) => ENTITIES[character] ?? character);
}
