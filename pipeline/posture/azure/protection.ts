import { armKey } from '../../timeline/entity-keys.ts';
import type { JsonObject } from '../../../platform/json.ts';
import type { PostureChange, PostureCondition } from '../../timeline/posture-change.ts';
import { mends, weakens, type Place } from '../change-of.ts';
import { flagOf, lowered, membersOf, textsOf } from '../values.ts';
import { extended, ownerBefore, request, result, split, type Operation, type Operations } from './operation.ts';

/** Of the tenant's logs too: `/providers/microsoft.aadiam/diagnosticsettings/…`. */
const ownerOfSettings = (id: string): string => extended(id, 'microsoft.insights', 'diagnosticsettings');

const settingsOf = (id: string): Place => ({
  condition: 'logging-off',
  resource: ownerOfSettings(id),
  part: split(id, 'diagnosticsettings')[1],
});

/** Settings that are written send logs, or have every category switched off. */
function settings(id: string, properties: JsonObject): readonly PostureChange[] {
  const on = membersOf(properties['logs']).map((category) => flagOf(lowered(category)['enabled']));
  if (on.includes(true)) return [mends(settingsOf(id), 'sends logs')];
  return on.includes(false) ? [weakens(settingsOf(id), 'sends no logs')] : [];
}

const SETTINGS_WRITTEN = request(['logging-off'], settings, ownerOfSettings);
const SETTINGS_DELETED = result(settingsOf, 'weakens', 'no longer sends logs');

/** A change by one property of the request, in lower case, that is one of two. */
const oneOf = (
  condition: PostureCondition,
  property: string,
  weak: readonly [value: string, what: string],
  strong: readonly [value: string, what: string],
): Operation =>
  request([condition], (id, properties) => {
    const [value] = textsOf(properties[property]);
    const place: Place = { condition, resource: armKey(id) };
    if (value === weak[0]) return [weakens(place, weak[1])];
    return value === strong[0] ? [mends(place, strong[1])] : [];
  });

const existence =
  (condition: PostureCondition) =>
  (id: string): Place => ({ condition, resource: armKey(id), part: 'existence' });

/** Resources that record, or protect, by being there: whoever deletes one weakens, whoever writes it again mends. */
const byExisting = (condition: PostureCondition, types: readonly string[]): Operations =>
  Object.fromEntries(
    types.flatMap((type) => [
      [`${type}/delete`, result(existence(condition), 'weakens', 'is deleted')],
      [`${type}/write`, result(existence(condition), 'mends', 'is there again')],
    ]),
  );

const VAULT = 'microsoft.recoveryservices/vaults';

/** Whether a vault of backups keeps what is deleted for a while. */
function backupConfiguration(id: string, properties: JsonObject): readonly PostureChange[] {
  const [state] = textsOf(properties['softdeletefeaturestate']);
  if (state === undefined) return [];
  const place: Place = {
    condition: 'protection-off',
    resource: ownerBefore('backupconfig')(id),
    part: 'soft delete of backups',
  };
  return [
    state === 'disabled' ? weakens(place, 'keeps nothing that is deleted') : mends(place, 'keeps what is deleted'),
  ];
}

const lockOf = (id: string): Place => ({
  condition: 'protection-off',
  resource: extended(id, 'microsoft.authorization', 'locks'),
  part: `lock ${split(id, 'locks')[1]}`,
});

/**
 * What records, and what would bring data back.
 * https://learn.microsoft.com/rest/api/monitor/diagnostic-settings/create-or-update,
 * https://learn.microsoft.com/rest/api/backup/backup-resource-vault-configs/put
 */
export const PROTECTION: Operations = {
  'microsoft.insights/diagnosticsettings/write': SETTINGS_WRITTEN,
  'microsoft.insights/diagnosticsettings/delete': SETTINGS_DELETED,
  'microsoft.aadiam/diagnosticsettings/write': SETTINGS_WRITTEN,
  'microsoft.aadiam/diagnosticsettings/delete': SETTINGS_DELETED,
  ...byExisting('logging-off', [
    'microsoft.eventhub/namespaces',
    'microsoft.eventhub/namespaces/eventhubs',
    'microsoft.operationalinsights/workspaces',
  ]),
  'microsoft.network/networkwatchers/flowlogs/write': oneOf(
    'logging-off',
    'enabled',
    ['false', 'records no traffic'],
    ['true', 'records traffic'],
  ),
  'microsoft.network/networkwatchers/flowlogs/delete': result(
    (id) => ({ condition: 'logging-off', resource: armKey(id) }),
    'weakens',
    'no longer records traffic',
  ),
  'microsoft.security/pricings/write': oneOf(
    'logging-off',
    'pricingtier',
    ['free', 'is not watched by Defender'],
    ['standard', 'is watched by Defender'],
  ),
  'microsoft.authorization/locks/delete': result(lockOf, 'weakens', 'may be deleted or changed'),
  'microsoft.authorization/locks/write': result(lockOf, 'mends', 'is locked'),
  ...byExisting('protection-off', [
    VAULT,
    `${VAULT}/backupfabrics/protectioncontainers`,
    `${VAULT}/backupfabrics/protectioncontainers/protecteditems`,
    'microsoft.dataprotection/backupvaults',
    'microsoft.dataprotection/backupvaults/backupinstances',
    'microsoft.compute/restorepointcollections',
  ]),
  [`${VAULT}/backupconfig/write`]: request(['protection-off'], backupConfiguration, ownerBefore('backupconfig')),
};
