import { objectOf, openObject, parseJson, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { entraObjectKey } from '../timeline/entity-keys.ts';
import type { PostureChange } from '../timeline/posture-change.ts';
import { mends, weakens, type Place } from './change-of.ts';
import { membersOf, textsOf } from './values.ts';

/** One object that an audited activity was about. */
interface Target {
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** Values before and after of what was changed, by name. */
  readonly changed: ReadonlyMap<string, { readonly before: Json | undefined; readonly after: Json | undefined }>;
}

type Change = (tenant: string, target: Target) => readonly PostureChange[];

const policyOf = (tenant: string, id: string): Place => ({
  condition: 'conditional-access-off',
  resource: entraObjectKey(tenant, id),
});

/** `enabled`, `disabled` or `enabledForReportingButNotEnforced`, of the policy that stands as JSON in a text. */
const stateOf = (policy: Json | undefined): string | undefined => textOf(openObject(policy)?.['state']);

/** The first value of a change that tells the state of a policy. */
function states({ changed }: Target): { before: string | undefined; after: string | undefined } {
  for (const { before, after } of changed.values()) {
    const found = { before: stateOf(before), after: stateOf(after) };
    if (found.before !== undefined || found.after !== undefined) return found;
  }
  return { before: undefined, after: undefined };
}

const REPORTING = 'enabledForReportingButNotEnforced';

/** A policy weakens by no longer being in force; one that never was, is no loss. */
const policyWritten: Change = (tenant, target) => {
  const { before, after } = states(target);
  if (target.id === undefined || after === undefined) return [];
  const place = policyOf(tenant, target.id);
  if (after === 'enabled') return [mends(place, 'is in force')];
  if (before !== 'enabled') return [];
  return [weakens(place, after === REPORTING ? 'only reports' : 'is switched off')];
};

const policyDeleted: Change = (tenant, target) => {
  const { before } = states(target);
  if (target.id === undefined || (before !== undefined && before !== 'enabled')) return [];
  return [weakens(policyOf(tenant, target.id), 'is deleted')];
};

/** A domain has no object id in the log; its name is unique. */
const domainOf = (tenant: string, { id, name }: Target): Place | undefined => {
  const domain = name ?? id;
  return domain === undefined
    ? undefined
    : { condition: 'federation-changed', resource: entraObjectKey(tenant, domain) };
};

const domainAuthentication: Change = (tenant, target) => {
  const place = domainOf(tenant, target);
  if (place === undefined) return [];
  const [type] = textsOf(opened(target.changed.get('LiveType')?.after));
  // The activity has no other way back; a value that cannot be read is taken for the way out.
  return [
    type === 'managed'
      ? mends(place, 'is authenticated by Entra itself')
      : weakens(place, 'is authenticated by another identity provider'),
  ];
};

const federationSettings: Change = (tenant, target) => {
  const place = domainOf(tenant, target);
  return place === undefined ? [] : [weakens(place, 'trusts an identity provider that was changed')];
};

const domainRemoved: Change = (tenant, target) => {
  const place = domainOf(tenant, target);
  return place === undefined ? [] : [mends(place, 'is removed')];
};

/**
 * By the activity's name, in lower case.
 * https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities
 */
const ACTIVITIES: ReadonlyMap<string, Change> = new Map([
  ['add conditional access policy', policyWritten],
  ['update conditional access policy', policyWritten],
  ['restore conditional access policy', policyWritten],
  ['delete conditional access policy', policyDeleted],
  ['set domain authentication', domainAuthentication],
  ['set federation settings on domain', federationSettings],
  ['remove verified domain', domainRemoved],
  ['remove unverified domain', domainRemoved],
]);

const MOST_TARGETS = 50;

/**
 * What an entry of Entra's audit log changes.
 * @param activity its name
 * @param record in the form of the diagnostic export
 */
export function entraChanges(activity: string, tenant: string, record: JsonObject): readonly PostureChange[] {
  const change = ACTIVITIES.get(activity.toLowerCase());
  if (change === undefined) return [];
  const targets = membersOf(objectOf(record['properties'])?.['targetResources']).slice(0, MOST_TARGETS);
  return targets.flatMap((target) => change(tenant, targetOf(objectOf(target) ?? {})));
}

function targetOf(target: JsonObject): Target {
  const properties = membersOf(target['modifiedProperties']).map((property) => objectOf(property) ?? {});
  return {
    id: textOf(target['id']),
    name: textOf(target['displayName']),
    changed: new Map(
      properties.map((property) => [
        textOf(property['displayName']) ?? '',
        { before: property['oldValue'], after: property['newValue'] },
      ]),
    ),
  };
}

/** What a text holds that is JSON, such as the list `["Managed"]`; other texts as they are. */
function opened(value: Json | undefined): Json | undefined {
  if (typeof value !== 'string') return value;
  try {
    return parseJson(value);
  } catch {
    return value;
  }
}
