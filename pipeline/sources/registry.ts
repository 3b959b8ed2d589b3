import { textOf, type JsonObject } from '../../platform/json.ts';
import { boundedKey, MAX_KEY } from '../timeline/entity-keys.ts';
import { aksAudit } from './aks-audit/index.ts';
import { azureActivity } from './azure-activity/index.ts';
import { cloudtrail } from './cloudtrail/index.ts';
import { crosstrail } from './crosstrail/index.ts';
import { defender } from './defender/index.ts';
import { entra } from './entra/index.ts';
import { github } from './github/index.ts';
import { sarif } from './sarif/index.ts';
import { securityHub } from './security-hub/index.ts';
import { RejectedRecord, type ReadRecord, type Source } from './source.ts';
import { trivy } from './trivy/index.ts';

/** Every log source, in the order in which they are asked whether a record is theirs. */
export const SOURCES: readonly Source[] = [
  cloudtrail,
  entra,
  aksAudit,
  azureActivity,
  defender,
  securityHub,
  github,
  sarif,
  trivy,
  crosstrail,
];

/** The source whose record this is, by the record itself, whatever hub or file it came from. */
export function sourceOf(record: JsonObject): Source | undefined {
  for (const source of SOURCES) if (source.recognises(record)) return source;
  return undefined;
}

/**
 * Reads one record as an event.
 * @param source reads as this source without asking whose record it is
 * @throws RejectedRecord where no source recognises the record or its source cannot read it
 */
export function readRecord(record: JsonObject, source: Source | undefined = sourceOf(record)): ReadRecord {
  if (source === undefined) throw new RejectedRecord(`no source reads this kind of record (${describe(record)})`);
  return withBoundedKeys(source.read(record));
}

/** Keys longer than any cloud's are an attacker's: they are cut and told apart by a hash, so that no key outgrows a table or a hub. */
function withBoundedKeys(read: ReadRecord): ReadRecord {
  const { event } = read;
  let tooLong = event.principal.length > MAX_KEY;
  for (const entity of event.entities) if (entity.key.length > MAX_KEY) tooLong = true;
  if (!tooLong) return read;
  const entities = event.entities.map((entity) => ({ ...entity, key: boundedKey(entity.key) }));
  return { ...read, event: { ...event, entities, principal: boundedKey(event.principal) } };
}

/** Says what a record looks like in a few words. Names only: values of an unknown record may hold secrets. */
function describe(record: JsonObject): string {
  const category = textOf(record['category']) ?? textOf(record['Category']);
  const names = Object.keys(record).slice(0, 8).map(printable);
  if (names.length === 0) return 'it is empty';
  return `${category === undefined ? '' : `category ${printable(category)}; `}properties ${names.join(', ')}`;
}

const printable = (text: string): string => text.slice(0, 40).replace(/[^\x20-\x7e]/g, '?');
