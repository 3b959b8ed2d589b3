import type { Command } from 'commander';
import { checkPlaybooks } from '../../pipeline/response/check-playbooks.ts';
import { enabledActions, UnknownActionError } from '../../pipeline/response/permissions/enabled-actions.ts';
import type { Probe } from '../../pipeline/response/permissions/probes/probe.ts';
import { systemClock } from '../../platform/clock.ts';
import { loadConfiguration } from '../../platform/configuration.ts';
import { configOption, formatOption, NOT_DONE, show, type Format } from '../response/options.ts';
import { UnusableInputError } from '../scan/files.ts';
import { styled, table } from '../terminal.ts';

interface Options {
  readonly config?: string;
  readonly scope: readonly string[];
  readonly format: Format;
}

/** All of it may take so long, milliseconds. */
const LONGEST = 5 * 60_000;

/** `crosstrail doctor` */
export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('whether the identity that is signed in here has every permission that the enabled actions need')
    .argument('[actions...]', 'actions; those of the playbooks of the configuration unless named')
    .option(
      '--scope <id>',
      'a subscription, resource group or resource of Azure to look at, beside those that playbooks name; once for each',
      (id: string, before: readonly string[]) => [...before, id],
      [],
    )
    .addOption(configOption())
    .addOption(formatOption())
    .action(async (actions: readonly string[], options: Options) => {
      process.exitCode = await doctor(actions, options);
    });
}

/** @returns the exit status @throws UnusableInputError */
async function doctor(names: readonly string[], { config, scope, format }: Options): Promise<number> {
  const configuration = await loadConfiguration(config);
  const actions = await enabledOf(names, configuration.response);
  for (const id of scope) {
    if (!/^\/subscriptions\/[0-9a-f-]{36}(?:\/[\w.()/-]{1,900})?$/i.test(id)) {
      throw new UnusableInputError('--scope: expected the id of something in Azure, such as /subscriptions/<id>');
    }
  }
  const { localConnections } = await import('../response/connections.ts');
  const { probePermissions } = await import('../../pipeline/response/permissions/probes/probe-permissions.ts');
  const probes = await probePermissions(actions, scope, {
    clock: systemClock,
    connections: localConnections(configuration, systemClock),
    deadline: systemClock.now() + LONGEST,
    step: '0'.repeat(32),
    incident: undefined,
  });
  const count = countsOf(probes);
  const line = { type: 'doctor', actions: actions.map(({ name }) => name), ...count, probes };
  await show(format, actions.length === 0 ? NONE_ENABLED : doctorPage(probes), line);
  return count.missing === 0 ? 0 : NOT_DONE;
}

/** Nothing is needed then. */
export const NONE_ENABLED =
  'no action is enabled: the configuration has no response.playbooks; add them, or name actions (crosstrail playbooks list shows them)';

/**
 * The actions that a person means, or that the configuration uses.
 * @throws UnusableInputError where there is no such action
 * @throws ConfigurationError where a playbook cannot be used
 */
export async function enabledOf(names: readonly string[], settings: Parameters<typeof checkPlaybooks>[0]) {
  // Clients of services take time to load, which other commands need not pay.
  const { ACTIONS } = await import('../../playbooks/registry.ts');
  checkPlaybooks(settings, ACTIONS);
  try {
    return enabledActions(ACTIONS, settings, names);
  } catch (error) {
    throw error instanceof UnknownActionError ? new UnusableInputError(error.message) : error;
  }
}

const countsOf = (probes: readonly Probe[]) => {
  const count = (is: Probe['is']) => probes.filter((probe) => probe.is === is).length;
  return { granted: count('granted'), missing: count('missing'), unknown: count('unknown') };
};

const ORDER: readonly Probe['is'][] = ['missing', 'unknown', 'granted'];
const STYLES = { missing: 'red', unknown: 'yellow', granted: 'green' } as const;

/** For people: what is missing first, then what could not be found out. */
function doctorPage(probes: readonly Probe[]): string {
  const { granted, missing, unknown } = countsOf(probes);
  const sorted = [...probes].sort((a, b) => ORDER.indexOf(a.is) - ORDER.indexOf(b.is));
  const rows = table(sorted, [
    { title: 'IS', cell: ({ is }) => is, style: ({ is }, text) => styled(STYLES[is], text), whole: true },
    { title: 'SERVICE', cell: ({ service }) => service },
    { title: 'PERMISSION', cell: ({ permission }) => permission, max: 120, whole: true },
    { title: 'WHERE', cell: ({ where }) => where, max: 160 },
    { title: 'WHY', cell: ({ why }) => why ?? '', max: 200 },
  ]);
  const advice = missing === 0 ? [] : ['crosstrail permissions export prints roles that hold exactly what is needed'];
  return [rows, `${missing} missing, ${unknown} unknown, ${granted} granted`, ...advice].join('\n');
}
