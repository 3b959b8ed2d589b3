import { gunzipSync } from 'node:zlib';
import { FeedError } from '../feed-error.ts';

/**
 * The bytes of a feed, out of the gzip file that it may be published as.
 * @throws FeedError where that is damaged, cut off, or holds more bytes than `most`
 */
export function unpacked(body: Uint8Array, most: number): Uint8Array {
  const bytes = isGzip(body) ? unpack(body, most) : body;
  if (bytes.length > most) throw new FeedError(`it has more than ${most} bytes`);
  if (bytes.length === 0) throw new FeedError('it is empty');
  return bytes;
}

/** RFC 1952. */
const isGzip = (body: Uint8Array): boolean => body[0] === 0x1f && body[1] === 0x8b;

function unpack(body: Uint8Array, most: number): Uint8Array {
  try {
    return gunzipSync(body, { maxOutputLength: most });
  } catch (error) {
    if (error instanceof RangeError) throw new FeedError(`it unpacks to more than ${most} bytes`);
    throw new FeedError('it begins as gzip and cannot be unpacked: damaged or cut off');
  }
}
