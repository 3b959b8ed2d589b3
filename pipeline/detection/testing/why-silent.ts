import type { ReadRecord } from '../../timeline/read-record.ts';
import { explain } from '../explain/explain.ts';
import type { Explanation } from '../explain/explanation.ts';
import { reasonText } from '../explain/reasons.ts';
import { shownLogSource } from '../log-source.ts';
import type { CompiledRule } from '../rule.ts';

/** The most records of which it is said why a rule does not fire on them. */
const MAX_RECORDS = 5;

/** Why the rule of a file does not fire on the records of a test, a line for each record; nothing where there are several rules. */
export function whySilent(rules: readonly CompiledRule[], records: readonly ReadRecord[]): string[] {
  const [rule, second] = rules;
  if (rule === undefined || second !== undefined) return [];
  return records.slice(0, MAX_RECORDS).map((record, at) => {
    const reason = reasonOf(explain(rule, record));
    return records.length === 1 ? reason : `record ${at}: ${reason}`;
  });
}

function reasonOf(explanation: Explanation): string {
  const { wanted, found, applies } = explanation.logsource;
  if (!applies)
    return `the record's log source (${shownLogSource(found)}) is not the rule's (${shownLogSource(wanted)})`;
  switch (explanation.kind) {
    case 'sigma':
      return explanation.reasons.map(reasonText).join('; ');
    case 'typescript': {
      const { classes } = explanation;
      if (classes.applies) return 'matches answers false';
      return `the event's class (${classes.found}) is none that the rule reads (${classes.wanted.join(', ')})`;
    }
    case 'failed':
      return `its evaluation failed: ${explanation.error}`;
  }
}
