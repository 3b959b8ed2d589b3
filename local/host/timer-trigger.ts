import { Cron } from 'croner';
import type { Clock } from '../../platform/clock.ts';
import type { RunningTrigger } from './event-hub-trigger.ts';
import { invoke, json, triggerOf, type Log } from './invoke.ts';
import type { FunctionApp, Registration } from './registrations.ts';

/**
 * Drives a function from a timer: an NCRONTAB expression of six fields, in UTC. A run that takes longer than the interval delays the
 * next one, as in Azure. Runs missed while nothing ran are not caught up with.
 */
export function startTimerTrigger(
  app: FunctionApp,
  registration: Registration,
  { clock, log }: { clock: Clock; log: Log },
): RunningTrigger {
  const schedule = String(triggerOf(registration).settings['schedule']);
  const cron = new Cron(schedule, { timezone: 'UTC', paused: true, mode: '6-part' });
  const stopping = new AbortController();
  const stopped = (async () => {
    for (;;) {
      const next = cron.nextRun(new Date(clock.now()));
      if (next === null) return;
      await clock.wait(next.getTime() - clock.now(), stopping.signal);
      if (stopping.signal.aborted) return;
      const timer = { Schedule: { AdjustForDST: true }, ScheduleStatus: { Next: next }, IsPastDue: false };
      try {
        await invoke(app, registration, { data: json(timer) }, log);
      } catch (error) {
        log('error', `${registration.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await stopped;
    },
  };
}
