import { Option, type Command } from 'commander';
import { ArmError } from '../../platform/azure/arm-error.ts';
import { UnknownWorkspaceError } from '../../pipeline/enrich-sentinel.ts';
import type { EnrichmentReport } from '../../pipeline/sentinel/enrich.ts';
import { SentinelError } from '../../pipeline/sentinel/incident.ts';
import { dataOption } from '../connection.ts';
import { writer } from '../output.ts';
import { UnusableInputError } from '../scan/files.ts';
import type { SentinelOptions } from '../sentinel/connect-sentinel.ts';
import { findIncident } from '../sentinel/find-incident.ts';
import { reportLine, reportPage } from '../sentinel/report-page.ts';

interface Options extends SentinelOptions {
  readonly dryRun?: boolean;
  readonly closed?: boolean;
  readonly format: 'table' | 'ndjson' | 'html';
}

/** Not enriched, though it is there. */
const NOT_ENRICHED = 1;

/** `crosstrail sentinel enrich` */
export function sentinelCommand(program: Command): void {
  const sentinel = program.command('sentinel').description('incidents of Microsoft Sentinel');
  sentinel
    .command('enrich')
    .description(
      'finds out what is known of what an incident names, and writes it there: one comment, labels, next steps',
    )
    .argument('<incident>', 'its number, its name (a GUID), or its id in Azure Resource Manager')
    .addOption(dataOption())
    .option('--config <file>', 'the configuration, which names the workspaces (crosstrail.yaml)')
    .option('--dry-run', 'only shows what would be written')
    .option('--closed', 'also where it is closed')
    .addOption(
      new Option('--format <format>', 'how to tell; html is the comment alone')
        .choices(['table', 'ndjson', 'html'])
        .default('table'),
    )
    .action(async (incident: string, options: Options) => {
      process.exitCode = await enrich(incident, options);
    });
}

async function enrich(text: string, options: Options): Promise<number> {
  const { dryRun = false, closed = false, format } = options;
  // Clients of Azure take time to load, which other commands need not pay.
  const { connectSentinel } = await import('../sentinel/connect-sentinel.ts');
  const sentinel = await connectSentinel(options);
  try {
    const address = await findIncident(text.trim(), sentinel);
    const report = await sentinel.enricher.enrich(address, { dryRun, closed });
    if (report === undefined || report.outcome === 'gone') throw new UnusableInputError(`there is no incident ${text}`);
    await tell(report, format);
    return report.outcome === 'written' || report.outcome === 'read' ? 0 : NOT_ENRICHED;
  } catch (error) {
    const known = error instanceof ArmError || error instanceof SentinelError || error instanceof UnknownWorkspaceError;
    throw known ? new UnusableInputError(error.message) : error;
  }
}

async function tell(report: EnrichmentReport, format: Options['format']): Promise<void> {
  const out = writer(process.stdout);
  if (format === 'ndjson') out.line(JSON.stringify(reportLine(report)));
  else if (format === 'html') out.line(report.additions?.comment ?? '');
  else out.line(reportPage(report));
  await out.end();
}
