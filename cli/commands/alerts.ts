import { Option, type Command } from 'commander';
import { AlertStore } from '../../pipeline/incidents/alert-store.ts';
import type { KeptAlert } from '../../pipeline/timeline/alert.ts';
import { connectStorage, dataOption } from '../connection.ts';
import { alertTable } from '../scan/formats.ts';
import { writer } from '../output.ts';

/** `crosstrail alerts` */
export function alertsCommand(program: Command): void {
  program
    .command('alerts')
    .description('alerts that were raised, newest window first')
    .addOption(dataOption())
    .option('--limit <n>', 'at most this many', (text) => Number.parseInt(text, 10), 50)
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(async ({ data, limit, format }: { data: string; limit: number; format: string }) => {
      const store = new AlertStore((await connectStorage(data)).tables);
      const alerts: KeptAlert[] = [];
      for await (const alert of store.list()) {
        if (alerts.length >= limit) break;
        alerts.push(alert);
      }
      const out = writer(process.stdout);
      if (format === 'table') out.line(alerts.length === 0 ? 'no alerts' : alertTable(alerts));
      else {
        for (const alert of alerts) {
          const times = { firstSeen: iso(alert.firstSeen), lastSeen: iso(alert.lastSeen) };
          out.line(JSON.stringify({ type: 'alert', ...alert, ...times, eventIds: await store.eventIds(alert.id) }));
        }
      }
      await out.end();
    });
}

const iso = (time: number): string => new Date(time).toISOString();
