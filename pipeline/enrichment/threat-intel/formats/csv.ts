import type { IntelSourceSettings } from '../../../../platform/configuration/threat-intel.ts';
import { CsvError, csvPieces, type CsvRow } from '../../../../platform/csv.ts';
import { FeedError } from '../../feed-error.ts';
import type { IndicatorDetail } from '../indicator-table.ts';
import type { TableBuilder } from '../table-builder.ts';
import { confidenceIn, descriptionIn, labelsIn, timeIn } from './statement.ts';

/** What columns are often called; the first that there is counts. */
const NAMES: Readonly<Record<keyof NonNullable<IntelSourceSettings['columns']>, readonly string[]>> = {
  value: ['value', 'indicator', 'ioc', 'ip', 'ip_address', 'address', 'cidr', 'network', 'domain', 'host', 'url'],
  id: ['id'],
  description: ['description', 'comment', 'threat', 'malware'],
  confidence: ['confidence'],
  labels: ['labels', 'tags', 'type'],
  validFrom: ['valid_from', 'validFrom', 'first_seen'],
  validUntil: ['valid_until', 'validUntil', 'expires'],
};

/**
 * Reads CSV whose first line names its columns. Lines before it that begin with `#` are passed over; `# ` before the names too.
 * It is read in pieces.
 * @throws FeedError where it is no CSV, or has no column of values
 */
export function* readCsvIndicators(
  text: string,
  columns: IntelSourceSettings['columns'],
  common: IndicatorDetail,
  builder: TableBuilder,
): Generator<void, void> {
  let place: Places | undefined;
  try {
    yield* csvPieces(withoutComments(text), (row) => {
      place ??= placesIn([...row.cells.keys()], columns);
      const value = cellOf(row, place.value);
      if (value !== undefined) builder.addText(value, detailOf(row, place, common));
    });
  } catch (error) {
    throw error instanceof CsvError ? new FeedError(`not CSV: ${error.message}`) : error;
  }
}

type Places = Readonly<Record<keyof typeof NAMES, string | undefined>>;

function placesIn(names: readonly string[], columns: IntelSourceSettings['columns']): Places {
  const nameOf = (what: keyof typeof NAMES): string | undefined => {
    const told = columns?.[what];
    if (told === undefined) return NAMES[what].find((name) => names.includes(name));
    if (names.includes(told)) return told;
    throw new FeedError(`it has no column ${JSON.stringify(told)}; its columns are ${names.join(', ').slice(0, 300)}`);
  };
  const value = nameOf('value');
  if (value === undefined) {
    throw new FeedError(
      `none of its columns is known to hold indicators (${names.join(', ').slice(0, 300)}); name it in columns.value`,
    );
  }
  const [id, description, confidence] = [nameOf('id'), nameOf('description'), nameOf('confidence')];
  const [labels, validFrom, validUntil] = [nameOf('labels'), nameOf('validFrom'), nameOf('validUntil')];
  return { value, id, description, confidence, labels, validFrom, validUntil };
}

const cellOf = ({ cells }: CsvRow, column: string | undefined): string | undefined => {
  const cell = column === undefined ? undefined : cells.get(column);
  return cell === '' ? undefined : cell;
};

/** Rows that say nothing more than their value share what is said of all. */
function detailOf(row: CsvRow, place: Places, common: IndicatorDetail): IndicatorDetail {
  const id = cellOf(row, place.id);
  const description = descriptionIn(cellOf(row, place.description));
  const confidence = confidenceIn(cellOf(row, place.confidence));
  const labels = labelsIn(cellOf(row, place.labels)?.split(/[,;|]/));
  const validFrom = timeIn(cellOf(row, place.validFrom));
  const validUntil = timeIn(cellOf(row, place.validUntil));
  const said = [id, description, confidence, validFrom, validUntil].some((each) => each !== undefined);
  if (!said && labels.length === 0) return common;
  return {
    ...{ id, description, validFrom, validUntil },
    confidence: confidence ?? common.confidence,
    labels: labelsIn(common.labels, labels),
  };
}

/** Feeds begin with lines for people, the last of which may be that of the columns. */
function withoutComments(text: string): string {
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  let last = start;
  while (text.startsWith('#', start)) {
    last = start;
    const end = text.indexOf('\n', start);
    if (end < 0) break;
    start = end + 1;
  }
  const header = text.slice(last, start);
  // `# first_seen,ioc,…` above rows of as many cells names them.
  return header.includes(',') && sameCells(header, text.slice(start, text.indexOf('\n', start) >>> 0))
    ? header.replace(/^#\s*/, '') + text.slice(start)
    : text.slice(start);
}

const sameCells = (one: string, other: string): boolean => one.split(',').length === other.split(',').length;
