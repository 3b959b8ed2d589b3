/** The rotations of the lookup3 hash, in the order in which its two mixing steps use them. */
const BLOCK_ROTATIONS = [4, 6, 8, 16, 19, 4] as const;
const FINAL_ROTATIONS = [14, 11, 25, 16, 4, 14, 24] as const;

/**
 * The partition that events of one key go to: the same in every process and after every restart.
 *
 * It is the service's own choice, so that events sent here and events sent by clients that choose the partition themselves
 * (the buffered producer does) meet in one partition: the two results of Bob Jenkins' lookup3 hash over the key's UTF-8
 * bytes, folded to a signed 16-bit number, modulo the partitions.
 *
 * @param key any text
 * @param partitions how many partitions the hub has, at least 1
 * @returns the partition's number, counted from 0
 */
export function partitionOfKey(key: string, partitions: number): number {
  const [first, second] = lookup3(Buffer.from(key, 'utf8'));
  const folded = ((first ^ second) << 16) >> 16;
  return Math.abs(folded % partitions);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Both results of lookup3's `hashlittle2` with seeds of 0, as signed 32-bit numbers. */
function lookup3(key: Buffer): [number, number] {
  let a = (0xdeadbeef + key.length) | 0;
  let b = a;
  let c = a;
  if (key.length === 0) return [c, b];
  // Adding the zero bytes of a padded last block changes nothing, so one step serves every length.
  const padded = Buffer.alloc(Math.ceil(key.length / 12) * 12);
  key.copy(padded);
  for (let at = 0; at < padded.length; at += 12) {
    a = (a + padded.readInt32LE(at)) | 0;
    b = (b + padded.readInt32LE(at + 4)) | 0;
    c = (c + padded.readInt32LE(at + 8)) | 0;
    if (at + 12 === padded.length) break;
    for (const bits of BLOCK_ROTATIONS) {
      const mixed = ((a - c) | 0) ^ rotate(c, bits);
      // The three words take turns: what was mixed last is used next.
      [a, b, c] = [b, (c + b) | 0, mixed];
    }
  }
  for (const bits of FINAL_ROTATIONS) {
    const mixed = ((c ^ b) - rotate(b, bits)) | 0;
    [a, b, c] = [b, mixed, a];
  }
  return [b, a];
}
