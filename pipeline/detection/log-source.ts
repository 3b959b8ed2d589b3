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

/** Whether a filter for `filter` is for rules for `rule`: whatever it names, these name too. */
export function covers(filter: LogSource, rule: LogSource): boolean {
  return (['category', 'product', 'service'] as const).every(
    (key) => filter[key] === undefined || filter[key] === rule[key],
  );
}

/** A log source in a message, such as `azure/signinlogs`; of one that names nothing, `any`. */
export function shownLogSource({ category, product, service }: LogSource): string {
  return [category, product, service].filter((part) => part !== undefined).join('/') || 'any';
}
