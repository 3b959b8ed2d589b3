import { textOf } from '../../../platform/json.ts';
import { OCSF_VERSION, type Metadata, type Product } from '../../timeline/ocsf/types.ts';
import { timeOf, type CheckedRecord } from './check.ts';

/** What the readers of the three families know of a record that its own fields do not say in one place. */
interface Particulars {
  readonly recordId: string;
  readonly product: Product;
  /** The OCSF profiles whose attributes the event uses. */
  readonly profiles: readonly string[];
  /** What Entra calls this kind of event. */
  readonly eventCode: string | undefined;
  /** The service within Entra that logged it. */
  readonly provider?: string | undefined;
}

/** `metadata` of an event: where its record came from and how its source knows it. */
export function metadataOf(checked: CheckedRecord, particulars: Particulars): Metadata {
  const { record, properties, tenant } = checked;
  return {
    version: OCSF_VERSION,
    product: particulars.product,
    profiles: particulars.profiles,
    uid: particulars.recordId,
    original_event_uid: particulars.recordId,
    correlation_uid: textOf(properties.correlationId) ?? textOf(record.correlationId),
    event_code: particulars.eventCode,
    log_name: textOf(record.category),
    log_provider: particulars.provider,
    original_time: checked.originalTime,
    logged_time: timeOf(record.time),
    tenant_uid: tenant === '' ? undefined : tenant,
  };
}
