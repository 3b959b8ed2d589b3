import type { CorrelationRule } from './correlation-rule.ts';

/** What there is to say of correlation rules where records come as a stream: there they are not evaluated yet. */
export function streamNotices(correlations: readonly CorrelationRule[]): string[] {
  return correlations.map(
    ({ title, file, line }) =>
      `the correlation rule '${title}' (${file}:${line}) is not evaluated on streams yet, only by 'crosstrail scan' and in tests; ` +
      'the rules that it names raise signals of their own until it is',
  );
}
