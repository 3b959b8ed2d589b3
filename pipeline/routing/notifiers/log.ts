import type { Notifier } from '../notify.ts';

/** Tells of alerts in the log of the process: one JSON object a line, which Application Insights keeps as a trace. */
export function logNotifier(write: (line: string) => void = (line) => process.stdout.write(`${line}\n`)): Notifier {
  return {
    notify: async (alert) => {
      write(JSON.stringify({ crosstrail: 'alert', ...alert, notified: undefined }));
    },
  };
}
