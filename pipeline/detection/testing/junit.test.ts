import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { junitXml } from './junit.ts';
import type { RuleTestReport } from './rule-tests.ts';

const passed = { name: 'passes', line: 1, passed: true, milliseconds: 12.3456 };
const failed = {
  name: 'fails',
  line: 9,
  passed: false,
  milliseconds: 1,
  failure: {
    reason: 'gives other signals',
    details: ['a detail'],
    diff: [{ sign: '-', text: 'high  "A" & <B>' }] as const,
  },
};
const report = (more: Partial<RuleTestReport> = {}): RuleTestReport => ({
  file: 'detections/aws/a.yml',
  testFile: 'detections/aws/a.tests.yml',
  rules: [],
  problems: [],
  tests: [],
  ...more,
});

describe('junitXml', () => {
  it('writes a suite for each file and a case for each test', () => {
    expect(junitXml([report({ tests: [passed, failed] }), report({ file: 'b.yml' })])).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="crosstrail rules test" tests="2" failures="1" errors="0" time="0.013"><testsuite name="detections/aws/a.yml" tests="2" failures="1" errors="0" skipped="0" time="0.013"><testcase name="passes" classname="detections/aws/a.yml" time="0.012"/>
<testcase name="fails" classname="detections/aws/a.yml" time="0.001"><failure message="gives other signals" type="failure">gives other signals&#10;a detail&#10;- high  &quot;A&quot; &amp; &lt;B&gt;</failure></testcase></testsuite>
<testsuite name="b.yml" tests="0" failures="0" errors="0" skipped="0" time="0.000"/></testsuites>
`,
    );
  });

  it('writes what cannot be used as a case that ends in an error', () => {
    const problems = [{ file: 'a.tests.yml', line: 3, reason: 'expected a list' }];
    expect(junitXml([report({ problems, tests: [passed] })])).toContain(
      '<testcase name="can be used" classname="detections/aws/a.yml" time="0.000"><error message="expected a list" type="unusable">a.tests.yml:3: expected a list</error></testcase>',
    );
    expect(junitXml([report({ problems })])).toContain('tests="1" failures="0" errors="1"');
  });

  it('stays well-formed whatever a rule or a record says', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(']]>', '"><x/>', '<!--', '&amp;', '\u0000\u001b[31m', '\ud800', '\uffff', 'a\r\nb\t'),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, (file, name, reason) => {
        const diff = [{ sign: '+', text: reason }] as const;
        const tests = [{ ...failed, name, failure: { reason, details: [name], diff } }];
        const xml = junitXml([report({ file, tests, problems: [{ file, reason }] })]);
        expect(elementsOf(xml)).toEqual(['testsuites', 'testsuite', 'testcase', 'error', 'testcase', 'failure']);
        expect(xml).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
      }),
    );
  });
});

/** The names of the elements, in order. @throws Error where the text is not well-formed */
function elementsOf(xml: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  const tag = /<(?:(\w+)((?: \w+="[^"<>]*")*)(\/?)|\/(\w+))>/y;
  let at = xml.indexOf('\n') + 1;
  while (at < xml.length) {
    const text = /[^<>]*/y;
    text.lastIndex = at;
    const [between = ''] = text.exec(xml) ?? [];
    checkText(between);
    at += between.length;
    if (at === xml.length) break;
    tag.lastIndex = at;
    const [whole, opened, attributes = '', empty, closed] = tag.exec(xml) ?? [];
    if (whole === undefined) throw new Error(`no tag at ${xml.slice(at, at + 40)}`);
    checkText(attributes.replaceAll('"', ''));
    if (opened !== undefined) {
      names.push(opened);
      if (empty === '') open.push(opened);
    } else if (open.pop() !== closed) throw new Error(`unbalanced ${closed ?? ''}`);
    at += whole.length;
  }
  if (open.length > 0) throw new Error('unclosed');
  return names;
}

function checkText(text: string): void {
  for (const [reference] of text.matchAll(/&[^;]*;?/g)) {
    if (!/^&(amp|lt|gt|quot|apos|#\d+);$/.test(reference)) throw new Error(`a bare & in ${text}`);
  }
}
