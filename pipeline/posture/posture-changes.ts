import type { PostureChange } from '../timeline/posture-change.ts';
import type { ReadRecord } from '../timeline/read-record.ts';
import { awsChanges } from './aws/changes.ts';
import { azureChanges } from './azure/changes.ts';
import { entraChanges } from './entra-changes.ts';

/** No event carries more than this: a template may open every rule of a security group. */
const MOST_CHANGES = 64;

const NONE: readonly PostureChange[] = [];

/**
 * What a record changes about the security of resources, directories and accounts: conditions that it creates, and that it clears. A function of
 * the record alone: whether what it clears was there, and whether what was requested came about, is for those to say who see all records.
 * Never throws.
 */
export function postureChanges({ event, fields }: ReadRecord): readonly PostureChange[] {
  const changes = changesOf(event, fields);
  return changes.length > MOST_CHANGES ? changes.slice(0, MOST_CHANGES) : changes;
}

function changesOf({ source, ocsf }: ReadRecord['event'], fields: ReadRecord['fields']): readonly PostureChange[] {
  switch (source) {
    case 'azure-activity':
      return ocsf.class_uid === 6003 ? azureChanges(ocsf) : NONE;
    case 'cloudtrail':
      return awsChanges(fields);
    case 'entra': {
      const { event_code: activity, tenant_uid: tenant } = ocsf.metadata;
      const failed = 'status_id' in ocsf && ocsf.status_id === 2;
      return activity === undefined || tenant === undefined || failed ? NONE : entraChanges(activity, tenant, fields);
    }
    default:
      return NONE;
  }
}
