import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Reader } from 'mmdb-lib';
import { isObject, objectOf, own, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { AddressContext } from '../../timeline/context.ts';
import { FeedError } from '../feed-error.ts';
import { isReadable } from './mmdb-bounds.ts';
import type { AddressSource } from './network-context.ts';

/** Databases of cities of the whole world take about 130 MB. */
const MAX_BYTES = 1024 * 1024 * 1024;

/**
 * A file in MaxMind DB format that tells where addresses are or whose: of MaxMind (GeoLite2, GeoIP2), DB-IP or IPinfo, which name things
 * differently. https://maxmind.github.io/MaxMind-DB/
 */
export class AddressDatabase implements AddressSource {
  /** What its maker calls it: `GeoLite2-City`. */
  readonly type: string;
  /** When it was made; milliseconds since 1970-01-01T00:00:00Z. */
  readonly built: number;
  readonly #reader: Reader<never>;
  readonly #guard: RecordGuard;

  /** @throws FeedError for anything but a database of addresses */
  constructor(bytes: Uint8Array) {
    try {
      const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const metadata = file.lastIndexOf(MARKER) + MARKER.length;
      if (!isReadable(file, metadata, metadata)) throw new FeedError('its description is larger than any');
      this.#guard = new RecordGuard(file);
      this.#reader = new Reader(file, { cache: this.#guard });
      this.#guard.base = this.#reader.metadata.searchTreeSize + SEPARATOR;
      const { databaseType, buildEpoch, searchTreeSize, recordSize } = this.#reader.metadata;
      if (![24, 28, 32].includes(recordSize) || searchTreeSize >= bytes.length) throw new FeedError('cut off');
      this.type = databaseType.slice(0, 100);
      this.built = buildEpoch.getTime();
    } catch {
      throw new FeedError('not a database of addresses in MaxMind DB format, or cut off');
    }
  }

  of(address: string): AddressContext | undefined {
    this.#guard.begin();
    try {
      const record: unknown = this.#reader.get(address);
      return isObject(record) ? contextOf(record) : undefined;
    } catch {
      // A damaged place of the file, or an IPv6 address in a database of IPv4.
      return undefined;
    }
  }
}

/** Before the description of a file, and between its tree and its records. */
const MARKER = Buffer.from('ABCDEF4D61784D696E642E636F6D', 'hex');
const SEPARATOR = 16;

/** Keeps the library from records that would take it for ever: it asks its cache before it reads one, and remembers none here. */
class RecordGuard {
  readonly #file: Buffer;
  #looked = false;
  /** Where pointers count from. */
  base = 0;

  constructor(file: Buffer) {
    this.#file = file;
  }

  /** The next record is another. */
  begin(): void {
    this.#looked = false;
  }

  /** @throws FeedError */
  get(offset: string | number): undefined {
    // What it asks for then is behind pointers of the same record.
    if (this.#looked) return;
    this.#looked = true;
    if (!isReadable(this.#file, Number(offset), this.base)) throw new FeedError('a record is larger than any');
  }

  set(): void {
    // The addresses that come again are remembered with what is known of them.
  }
}

/**
 * Opens a file in MaxMind DB format. All of it is held in memory, outside the heap.
 * @throws FeedError naming the file and what is wrong with it
 */
export async function openAddressDatabase(file: string): Promise<AddressDatabase> {
  const name = basename(file);
  let handle;
  try {
    handle = await open(file);
    const { size } = await handle.stat();
    if (size > MAX_BYTES) throw new FeedError(`it has more than ${MAX_BYTES} bytes`);
    return new AddressDatabase(await handle.readFile());
  } catch (error) {
    if (error instanceof FeedError) throw new FeedError(`${name}: ${error.message}`);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new FeedError(`${file} cannot be read: ${code}`);
  } finally {
    await handle?.close();
  }
}

/** What a record of any of the makers says; undefined where it says nothing of this. */
function contextOf(record: JsonObject): AddressContext | undefined {
  const place = objectOf(own(record, 'location')) ?? record;
  const context: AddressContext = {
    country: countryIn(record),
    city: nameIn(own(record, 'city')),
    latitude: degreesIn(own(place, 'latitude') ?? own(place, 'lat'), 90),
    longitude: degreesIn(own(place, 'longitude') ?? own(place, 'lng') ?? own(place, 'lon'), 180),
    asn: numberIn(own(record, 'autonomous_system_number') ?? own(record, 'asn')),
    organization: organizationIn(record),
  };
  const said = Object.entries(context).filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

/** MaxMind and DB-IP: `country.iso_code`; IPinfo and others: `country_code`, or `country` with the code itself. */
function countryIn(record: JsonObject): string | undefined {
  const country = own(record, 'country');
  const registered = objectOf(own(record, 'registered_country'));
  const codes = [objectOf(country)?.iso_code, own(record, 'country_code'), country, registered?.iso_code];
  return codes.find((code): code is string => typeof code === 'string' && /^[A-Z]{2}$/.test(code));
}

/** A name, or names by language. */
function nameIn(value: Json | undefined): string | undefined {
  const names = objectOf(objectOf(value)?.names);
  return (textOf(value) ?? textOf(names?.en))?.slice(0, 200);
}

/** IPinfo writes numbers as texts. */
function degreesIn(value: Json | undefined, most: number): number | undefined {
  const degrees = typeof value === 'string' && /^-?\d{1,3}(?:\.\d{1,20})?$/.test(value) ? Number(value) : value;
  return typeof degrees === 'number' && Math.abs(degrees) <= most ? degrees : undefined;
}

/** A number, or as IPinfo has it `AS64496`. */
function numberIn(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && /^AS\d{1,10}$/.test(value) ? Number(value.slice(2)) : value;
  const valid = typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= 4_294_967_295;
  return valid ? number : undefined;
}

function organizationIn(record: JsonObject): string | undefined {
  const names = ['autonomous_system_organization', 'as_name', 'as_organization', 'organization', 'name'];
  return names
    .map((name) => textOf(own(record, name)))
    .find((name) => name !== undefined)
    ?.slice(0, 200);
}
