import { isObject, objectOf, textOf, type JsonObject } from '../../../platform/json.ts';

/** In which a finding is written: AWS Security Finding Format, OCSF as Security Hub writes it, or the events of Inspector itself. */
export type Format = 'asff' | 'ocsf' | 'inspector';

const FINDING_CATEGORY = 2;

/** The format of a record, by the names that no other source has; undefined where it is no finding of AWS. Must not throw. */
export function formatOf(record: JsonObject): Format | undefined {
  if (textOf(record.ProductArn)?.startsWith('arn:') === true && 'GeneratorId' in record) return 'asff';
  if (textOf(record.findingArn)?.startsWith('arn:') === true) return 'inspector';
  return isSecurityHubOcsf(record) ? 'ocsf' : undefined;
}

/** Scanners of others write OCSF too; Security Hub names the product by an ARN of its own (`arn:aws:securityhub:…:productv2/aws/inspector`). */
function isSecurityHubOcsf(record: JsonObject): boolean {
  if (record.category_uid !== FINDING_CATEGORY || !isObject(record.finding_info)) return false;
  const product = objectOf(objectOf(record.metadata)?.product);
  return /^arn:aws[a-z-]{0,20}:securityhub:/.test(textOf(product?.uid) ?? '');
}
