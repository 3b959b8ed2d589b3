import { objectOf } from '../../../platform/json.ts';
import type { RuleDocument } from '../loading/rule-documents.ts';

/**
 * What a rule of the project must state beyond what Sigma asks, and does not: who is to do what about it, how bad it is, which
 * technique of ATT&CK it shows, and when it is harmless.
 */
export function missingStatements({ value }: RuleDocument): string[] {
  const rule = objectOf(value) ?? {};
  const crosstrail = objectOf(rule['crosstrail']) ?? {};
  const stated: readonly (readonly [statement: string, present: boolean])[] = [
    ['id', isText(rule['id'])],
    ['description', isText(rule['description'])],
    ['level', isText(rule['level'])],
    ['tags with an ATT&CK technique, such as attack.t1078.004', hasTechnique(rule['tags'])],
    ['falsepositives', Array.isArray(rule['falsepositives']) && rule['falsepositives'].some(isText)],
    ['crosstrail.decision', isText(crosstrail['decision'])],
    [
      'crosstrail.escalate (when recurrence of what is only counted is decided anew)',
      // What is informational is there for other rules.
      crosstrail['decision'] !== 'monitor' ||
        objectOf(crosstrail['escalate']) !== undefined ||
        rule['level'] === 'informational',
    ],
    ['crosstrail.owner', isText(crosstrail['owner'])],
  ];
  return stated.filter(([, present]) => !present).map(([statement]) => statement);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function hasTechnique(tags: unknown): boolean {
  return Array.isArray(tags) && tags.some((tag) => typeof tag === 'string' && /^attack\.t\d{4}(\.\d{3})?$/.test(tag));
}
