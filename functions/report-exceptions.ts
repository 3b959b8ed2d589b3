import { app } from '@azure/functions';
import { exceptionNotices } from '../pipeline/detection/exceptions/exception.ts';
import { services } from './services.ts';

/** Warns of exceptions that have expired or are due for review; once a day, until their owners have renewed or removed them. */
app.timer('report-exceptions', {
  schedule: '0 0 6 * * *',
  handler: async (_timer, context) => {
    const { rules, clock } = await services();
    for (const notice of exceptionNotices(rules.current.exceptions, clock.now())) context.warn(notice);
  },
});
