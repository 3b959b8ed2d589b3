import type { Action } from '../../playbooks/contract/action.ts';
import type { ResponseSettings } from '../../platform/configuration/response.ts';
import { section } from '../incidents/section.ts';
import { styled, table } from '../terminal.ts';
import { parametersOf } from './action-parameters.ts';
import { spanText } from './span-text.ts';

type Settings = Pick<ResponseSettings, 'playbooks' | 'bindings' | 'enabled'>;

/** All actions, and which playbooks the configuration makes of them for which incidents, for people. */
export function actionsPage(actions: ReadonlyMap<string, Action>, { playbooks, bindings, enabled }: Settings): string {
  const all = sorted(actions);
  return [
    table(all, [
      { title: 'ACTION', cell: ({ name }) => name, whole: true },
      { title: 'WHAT IT DOES', cell: ({ title }) => title, max: 90 },
      { title: 'CAN BE UNDONE', cell: ({ reversibility }) => UNDONE[reversibility] },
      { title: 'LEASE', cell: ({ lease }) => (lease === undefined ? '' : spanText(lease.usual)) },
      { title: 'PARAMETERS', cell: (action) => parametersText(action), max: 120 },
    ]),
    ...section('playbooks', Object.entries(playbooks), ([name, { description, steps }]) => [
      `${name}: ${steps.map(({ action }) => action).join(', ')}${description === undefined ? '' : `  ${description}`}`,
    ]),
    ...section('bindings', bindings, ({ name, playbook, mode, when }) => [
      `${name}: ${playbook}, ${mode}, when ${Object.keys(when).length === 0 ? 'any incident' : JSON.stringify(when)}`,
    ]),
    ...(enabled ? [] : ['', `${styled('yellow', 'stopped')}  the configuration has response.enabled: false`]),
  ].join('\n');
}

const UNDONE = { reversible: 'yes', partly: 'in part', irreversible: 'no' } as const;

/** Optional ones in square brackets. */
const parametersText = (action: Action): string =>
  parametersOf(action)
    .map(({ name, required }) => (required ? name : `[${name}]`))
    .join(' ');

const sorted = (actions: ReadonlyMap<string, Action>): Action[] =>
  [...actions.values()].sort((a, b) => (`${a.group} ${a.name}` < `${b.group} ${b.name}` ? -1 : 1));

/** The same for machines: one object. */
export const actionsLine = (actions: ReadonlyMap<string, Action>, { playbooks, bindings, enabled }: Settings) => ({
  type: 'playbooks',
  enabled,
  actions: sorted(actions).map((action) => ({
    name: action.name,
    group: action.group,
    title: action.title,
    description: action.description,
    parameters: parametersOf(action).map(({ text: _text, otherwise, ...parameter }) => ({
      ...parameter,
      ...(otherwise === undefined ? {} : { default: otherwise }),
    })),
    permissions: action.permissions,
    reversibility: action.reversibility,
    lease: action.lease ?? null,
  })),
  playbooks,
  bindings,
});
