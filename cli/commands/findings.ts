import { Option, type Command } from 'commander';
import { containersOf, keyOfId } from '../../pipeline/enrichment/assets/asset-key.ts';
import { PRIORITIES, type Finding, type Priority } from '../../pipeline/timeline/finding.ts';
import { dataOption } from '../connection.ts';
import { findingPage } from '../findings/finding-page.ts';
import { findingTable } from '../findings/finding-table.ts';
import { shortIdOf, weighedFindings, type DeploymentOptions } from '../findings/weighed-findings.ts';
import { writer } from '../output.ts';
import { UnusableInputError } from '../scan/files.ts';
import { findingLine } from '../scan/weaknesses.ts';
import { printable } from '../terminal.ts';

interface ShowOptions extends DeploymentOptions {
  readonly format: 'table' | 'ndjson';
}

interface ListOptions extends ShowOptions {
  readonly priority?: Priority;
  readonly asset?: string;
  readonly cve?: string;
  readonly closed?: boolean;
  readonly limit: number;
}

/** `crosstrail findings list|show` */
export function findingsCommand(program: Command): void {
  const findings = program
    .command('findings')
    .description('what scanners found, weighed by what is exploited, what can be reached, and what it is worth');
  withDeployment(findings.command('list').description('findings that are open, the one to look at first first'))
    .addOption(new Option('--priority <priority>', 'only these').choices(PRIORITIES))
    .option(
      '--asset <asset>',
      'only in this and what lies within: an Azure resource id, an ARN, an account, a key or a name',
    )
    .option('--cve <cve>', 'only of this vulnerability')
    .option('--closed', 'those that are fixed or suppressed too')
    .option('--limit <n>', 'at most this many', (text) => Number.parseInt(text, 10), 50)
    .action(list);
  withDeployment(findings.command('show').description('one finding: where it is, why it matters, and what mends it'))
    .argument('<id>', 'its id, or the beginning of the short one that the list shows')
    .action(show);
}

const withDeployment = (command: Command): Command =>
  command
    .addOption(dataOption())
    .option('--config <file>', 'the configuration, which names inventories and feeds (crosstrail.yaml)')
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'));

async function list({ priority, asset, cve, closed, limit, format, ...deployment }: ListOptions): Promise<void> {
  if (!(limit >= 1)) throw new UnusableInputError('--limit: expected a whole number from 1');
  const isWithin = asset === undefined ? () => true : withinAsset(asset);
  const wanted = cve?.toUpperCase();
  const weighed = await weighedFindings(
    deployment,
    (finding) =>
      (closed === true || finding.status === 'open') &&
      (wanted === undefined || finding.cves.includes(wanted)) &&
      isWithin(finding),
  );
  const asked = weighed.filter((one) => priority === undefined || one.priority === priority);
  const shown = asked.slice(0, limit);
  const out = writer(process.stdout);
  if (format === 'ndjson') for (const one of shown) out.line(JSON.stringify(findingLine(one)));
  else if (shown.length === 0) out.line('no findings');
  else {
    out.line(findingTable(shown));
    if (asked.length > limit) out.line(`and ${asked.length - limit} more (--limit)`);
  }
  await out.end();
}

function withinAsset(text: string): (finding: Finding) => boolean {
  const key = keyOfId(text.trim());
  return ({ asset, assetLabel }) => asset === key || assetLabel === text || containersOf(asset).includes(key);
}

const SHORTEST = 4;
const MOST_NAMED = 5;

async function show(id: string, { format, ...deployment }: ShowOptions): Promise<void> {
  const text = id.trim();
  const found = await weighedFindings(
    deployment,
    (finding) => finding.id === text || (text.length >= SHORTEST && shortIdOf(finding).startsWith(text.toLowerCase())),
  );
  const [first] = found;
  const shown = printable(text).slice(0, 100);
  if (first === undefined)
    throw new UnusableInputError(`there is no finding ${shown}; crosstrail findings list shows what there is`);
  if (found.length > 1) {
    const names = found.slice(0, MOST_NAMED).map(({ finding }) => shortIdOf(finding));
    throw new UnusableInputError(`several findings are meant by ${shown}: ${names.join(', ')}; say more of the id`);
  }
  const out = writer(process.stdout);
  out.line(format === 'table' ? findingPage(first) : JSON.stringify(findingLine(first)));
  await out.end();
}
