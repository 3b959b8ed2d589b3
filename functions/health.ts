import { app } from '@azure/functions';
import { streamNotices } from '../pipeline/detection/correlation/stream-notices.ts';
import { exceptionNotices } from '../pipeline/detection/exceptions/exception.ts';
import { SOURCES } from '../pipeline/sources/registry.ts';
import { services } from './services.ts';

/** What runs, and what this instance has counted since it began. Holds no log content. */
app.http('health', {
  methods: ['GET'],
  authLevel: 'function',
  handler: async () => {
    const { rules, metrics, clock } = await services();
    return {
      jsonBody: {
        sources: SOURCES.map(({ id, hub }) => ({ id, hub })),
        rules: {
          loaded: rules.rules.length + rules.correlations.length,
          rejected: rules.rejected,
          notices: streamNotices(rules.correlations),
        },
        exceptions: {
          loaded: rules.exceptions.length,
          notices: exceptionNotices(rules.exceptions, clock.now()),
          errors: Object.fromEntries(rules.exceptionErrors),
        },
        counts: metrics.snapshot(),
      },
    };
  },
});
