import type { LogSource } from '../timeline/read-record.ts';

/** A service that rules name and records do not: what happens there is told in the records of another. */
const TOLD_BY: ReadonlyMap<string, LogSource> = new Map([
  // Privileged Identity Management has no log of its own: it writes to the audit log of the directory.
  ['azure/pim', { product: 'azure', service: 'auditlogs' }],
]);

/** Whether a rule for `wanted` applies to records of `found`: whatever it names, the record's source names too. */
export function takesIn(wanted: LogSource, found: LogSource): boolean {
  const { category, product, service } = TOLD_BY.get(`${wanted.product ?? ''}/${wanted.service ?? ''}`) ?? wanted;
  return (
    (category === undefined || category === found.category?.toLowerCase()) &&
    (product === undefined || product === found.product?.toLowerCase()) &&
    (service === undefined || service === found.service?.toLowerCase())
  );
}
