import { app } from '@azure/functions';
import { exceptionNotices } from '../pipeline/detection/exceptions/exception.ts';
import type { LiveRules } from '../pipeline/detection/reload/live-rules.ts';
import { SOURCES } from '../pipeline/sources/registry.ts';
import { services } from './services.ts';

/** What runs, and what this instance has counted since it began. Holds no log content, unless a rule in TypeScript throws some. */
app.http('health', {
  methods: ['GET'],
  authLevel: 'function',
  handler: async () => {
    const { rules, knowledge, metrics, clock } = await services();
    void rules.refresh();
    const { exceptions, exceptionErrors } = rules.current;
    return {
      jsonBody: {
        sources: SOURCES.map(({ id, hub }) => ({ id, hub })),
        rules: rulesInUse(rules),
        exceptions: {
          loaded: exceptions.length,
          notices: exceptionNotices(exceptions, clock.now()),
          errors: Object.fromEntries(exceptionErrors),
        },
        knowledge: { feeds: knowledge.feeds(), missing: knowledge.current.missing },
        counts: metrics.snapshot(),
      },
    };
  },
});

/** `refused`: why the files as they are now are not in use. */
function rulesInUse({ current, reloaded, refused, errors }: LiveRules): object {
  const { rules, correlations, rejected } = current;
  const failing = rules.filter(({ id }) => errors.has(id));
  return {
    loaded: rules.length + correlations.length,
    rejected,
    reloaded: timeText(reloaded),
    refused: refused && { at: timeText(refused.at), reasons: refused.reasons },
    errors: failing.map(({ id, file }) => ({ id, file, ...errors.get(id) })),
  };
}

const timeText = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString();
