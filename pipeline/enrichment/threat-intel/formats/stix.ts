import { arrayOf, isObject, parseJson, textOf, type Json, type JsonObject } from '../../../../platform/json.ts';
import { FeedError } from '../../feed-error.ts';
import type { IndicatorDetail } from '../indicator-table.ts';
import type { TableBuilder } from '../table-builder.ts';
import { valuesOfPattern } from './stix-pattern.ts';
import { confidenceIn, descriptionIn, labelsIn, timeIn } from './statement.ts';

const MAX_ID = 200;
/** So many indicators are added in one piece. */
const PIECE = 2000;

/**
 * The objects of a STIX 2.0 or 2.1 bundle, or of a TAXII 2.1 envelope.
 * @throws FeedError for anything else
 */
export function stixObjects(text: string): readonly Json[] {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    throw new FeedError('not STIX: not JSON, or nested too deep');
  }
  const objects = isObject(value) ? arrayOf(value.objects) : undefined;
  if (objects === undefined) throw new FeedError('not STIX: it has no list `objects`');
  return objects;
}

/** The indicators among some objects, of each the version that was changed last. */
export function newestIndicators(objects: Iterable<Json>): Map<string, JsonObject> {
  const newest = new Map<string, JsonObject>();
  for (const object of objects) {
    if (!isObject(object) || object.type !== 'indicator') continue;
    const id = textOf(object.id)?.slice(0, MAX_ID);
    if (id === undefined) continue;
    const known = newest.get(id);
    if (known === undefined || changedAt(object) >= changedAt(known)) newest.set(id, object);
  }
  return newest;
}

/** Milliseconds since 1970-01-01T00:00:00Z; 0 where it does not say. */
export const changedAt = (object: JsonObject): number => timeIn(object.modified) ?? timeIn(object.created) ?? 0;

/** Adds what some indicators of STIX are of, in pieces. @param expires milliseconds that one counts that says no end, from its last change on */
export function* addIndicators(
  indicators: ReadonlyMap<string, JsonObject>,
  common: IndicatorDetail,
  expires: number,
  builder: TableBuilder,
): Generator<void, void> {
  let added = 0;
  for (const [id, object] of indicators) {
    if (++added % PIECE === 0) yield;
    const type = object.pattern_type ?? 'stix';
    const pattern = textOf(object.pattern) ?? '';
    const labels = labelsIn(object.indicator_types, object.labels);
    const values = type === 'stix' ? valuesOfPattern(pattern) : undefined;
    if (object.revoked === true) builder.refuse('revoked', id);
    else if (labels.includes('benign')) builder.refuse('benign', pattern);
    else if (values === undefined) builder.refuse('not understood', pattern);
    else {
      const detail = detailOf(id, object, labelsIn(common.labels, labels), common, expires);
      for (const value of values) builder.addText(value, detail);
    }
  }
}

function detailOf(
  id: string,
  object: JsonObject,
  labels: readonly string[],
  common: IndicatorDetail,
  expires: number,
): IndicatorDetail {
  const validFrom = timeIn(object.valid_from);
  const since = Math.max(validFrom ?? 0, changedAt(object));
  return {
    id,
    description: descriptionIn(object.name) ?? descriptionIn(object.description),
    confidence: confidenceIn(object.confidence) ?? common.confidence,
    labels,
    validFrom,
    validUntil: timeIn(object.valid_until) ?? (since === 0 ? undefined : since + expires),
  };
}
