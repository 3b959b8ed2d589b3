import type { LogSource } from '../../timeline/read-record.ts';
import { techniqueProblems } from '../attack/technique-tags.ts';
import { shownLogSource, takesIn } from '../log-source.ts';
import type { CorrelationRule } from '../correlation/correlation-rule.ts';
import type { RuleDocument } from '../loading/rule-documents.ts';
import type { RuleSet } from '../matching/rule-set.ts';
import type { ReadTestRecord } from '../testing/rule-tests.ts';
import type { CompiledRule } from '../rule.ts';
import { claimsContract, statementFindings, testFindings } from './contract-findings.ts';
import { correlationFindings } from './correlation-findings.ts';
import { detectionFindings } from './detection-findings.ts';
import { Documents } from './documents.ts';
import { exceptionFindings } from './exception-findings.ts';
import { filterFindings } from './filter-findings.ts';
import type { Finding } from './finding.ts';

/** What rules are linted with. */
export interface LintOptions {
  /** The log sources that sources give their records. */
  readonly logsources: readonly LogSource[];
  /** Reads a record of a rule's tests as its source does. */
  readonly read: ReadTestRecord;
  /** Which files are looked at, of those whose rules are loaded. */
  readonly concerns: (file: string) => boolean;
  /** Of which files the rules must state all that the project asks, and have tests. */
  readonly demands: (file: string) => boolean;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

export interface LintReport {
  /** In the order of files, and in each of lines. */
  readonly findings: readonly Finding[];
  /** How many rules were looked at, used or not. */
  readonly rules: number;
  /** How many of them say nothing of what is to be done about what they raise; nobody asks it of them. */
  readonly withoutContract: number;
}

/**
 * Looks for what is wrong with rules, beside what keeps them from being loaded: what can never fire, what says nothing, and what
 * is not said.
 */
export async function lint(set: RuleSet, options: LintOptions): Promise<LintReport> {
  const isConcerned = ({ file }: { readonly file: string }): boolean => options.concerns(file);
  const rules = set.rules.filter(isConcerned);
  const correlations = set.correlations.filter(isConcerned);
  const rejected = set.rejected.filter(isConcerned);
  const byId = new Map(set.rules.map((rule) => [rule.id, rule]));
  const findings: Finding[] = rejected.map(({ file, line, reason }) => {
    return { file, line, severity: 'error', code: 'unusable', message: reason };
  });
  const documents = new Documents();
  let withoutContract = 0;
  for (const [file, own] of Map.groupBy([...rules, ...correlations], (rule) => rule.file)) {
    const demanded = options.demands(file);
    let asked = demanded;
    for (const rule of own) {
      const document = await documents.at(rule);
      if (document === undefined) continue;
      findings.push(...tagFindings(rule, document));
      findings.push(
        ...(rule.kind === 'correlation'
          ? correlationFindings(rule, document, byId)
          : ruleFindings(rule, document, options)),
      );
      const claims = claimsContract(document);
      if (demanded || claims) findings.push(...statementFindings(rule, document, demanded ? 'error' : 'warning'));
      else withoutContract += 1;
      asked ||= claims;
    }
    if (asked) findings.push(...(await testFindings(file, own[0]?.id, demanded ? 'error' : 'warning')));
  }
  for (const filter of set.filters.filter(isConcerned)) {
    const document = await documents.at(filter);
    if (document !== undefined) findings.push(...filterFindings(filter, document));
  }
  findings.push(...(await exceptionFindings(set.exceptions.filter(isConcerned), set.rules, options.read, options.now)));
  return {
    findings: findings.toSorted(byPlace),
    rules: rules.length + correlations.length + rejected.filter(({ kind }) => kind !== 'exception').length,
    withoutContract,
  };
}

function byPlace(one: Finding, other: Finding): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return (one.line ?? 0) - (other.line ?? 0);
}

function tagFindings({ file, id, tags }: CompiledRule | CorrelationRule, document: RuleDocument): Finding[] {
  return techniqueProblems(tags).map(({ tag, at, message }) => {
    const line = document.lineOf(['tags', at]);
    return { file, line, rule: id, severity: 'warning', code: 'attack-tag', message: `${tag}: ${message}` };
  });
}

function ruleFindings(rule: CompiledRule, document: RuleDocument, { logsources }: LintOptions): Finding[] {
  const { file, id, logsource } = rule;
  const findings = rule.kind === 'sigma' ? detectionFindings(rule, document) : [];
  if (logsources.some((found) => takesIn(logsource, found))) return findings;
  const message = `no source gives records of ${shownLogSource(logsource)}; the rule applies to logs read with --source json`;
  const line = document.lineOf(['logsource']);
  return [...findings, { file, line, rule: id, severity: 'note', code: 'no-source', message }];
}
