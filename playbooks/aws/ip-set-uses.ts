import type { Rule, Statement } from '@aws-sdk/client-wafv2';

/** A rule that refers to an IP set. */
export interface IpSetUse {
  /** `rule bad-addresses of web ACL shop`. */
  readonly where: string;
  /** Whether an address in the set is blocked by it, or could only be: by nothing else, and never let in. */
  readonly blocks: boolean;
}

/** Statements nest three deep at most as the service takes them. */
const DEEPEST = 10;

/**
 * The rules that refer to an IP set, and whether each blocks what is in it. One that lets it in, counts it, looks for what is not in it, or limits other rules to it does not.
 * https://docs.aws.amazon.com/waf/latest/APIReference/API_Statement.html
 * @param of whose rules they are
 */
export function usesIn(of: string, rules: readonly Rule[], arn: string): readonly IpSetUse[] {
  return rules.flatMap(({ Name = '', Action, Statement: statement }) => {
    const found = statement === undefined ? undefined : reference(statement, arn, DEEPEST);
    if (found === undefined) return [];
    return [{ where: `rule ${Name} of ${of}`, blocks: found === 'matches' && Action?.Block !== undefined }];
  });
}

/** How a statement refers to the set: it matches what is in it, or something else. */
function reference(statement: Statement, arn: string, depth: number): 'matches' | 'other' | undefined {
  if (depth === 0) return 'other';
  if (statement.IPSetReferenceStatement?.ARN === arn) return 'matches';
  const joined = [...(statement.AndStatement?.Statements ?? []), ...(statement.OrStatement?.Statements ?? [])];
  const found = joined.map((each) => reference(each, arn, depth - 1));
  const within = [
    statement.NotStatement?.Statement,
    statement.RateBasedStatement?.ScopeDownStatement,
    statement.ManagedRuleGroupStatement?.ScopeDownStatement,
  ].some((each) => each !== undefined && reference(each, arn, depth - 1) !== undefined);
  if (within || found.includes('other')) return 'other';
  return found.includes('matches') ? 'matches' : undefined;
}
