import { parsePrefix, type IpPrefix } from '../../../platform/ip-prefix.ts';

/** What records hold. Numbers that are whole are written as such, all others as doubles; bytes stand as they are, whatever they mean. */
export type MmdbValue =
  Uint8Array | string | number | boolean | bigint | readonly MmdbValue[] | { readonly [key: string]: MmdbValue };

/** An inner node of the tree: two nodes, records, or nothing. */
interface Node {
  readonly sides: [Node | Leaf | undefined, Node | Leaf | undefined];
}
interface Leaf {
  readonly place: number;
}

const SEPARATOR = 16;
/** Before what a file says of itself. */
export const MARKER = Buffer.from('ABCDEF4D61784D696E642E636F6D', 'hex');

/**
 * A file in MaxMind DB format 2.0 with the given records, for tests; records of 24 bits. https://maxmind.github.io/MaxMind-DB/
 * @param networks in CIDR notation; none may lie within another
 * @param type what the database calls itself
 */
export function mmdbOf(networks: Readonly<Record<string, MmdbValue>>, type: string, version: 4 | 6 = 6): Buffer {
  const data: Buffer[] = [];
  let bytes = 0;
  const root: Node = { sides: [undefined, undefined] };
  for (const [text, value] of Object.entries(networks)) {
    const prefix = parsePrefix(text);
    if (prefix === undefined) throw new Error(`${text} is no network`);
    const encoded = encode(value);
    put(root, bitsOf(prefix, version), { place: bytes });
    data.push(encoded);
    bytes += encoded.length;
  }
  const nodes = inOrder(root);
  const tree = Buffer.alloc(nodes.length * 6);
  const numbers = new Map(nodes.map((node, at) => [node, at]));
  nodes.forEach(({ sides }, at) => {
    sides.forEach((side, which) => {
      let record = nodes.length;
      if (side !== undefined) {
        record = 'place' in side ? nodes.length + SEPARATOR + side.place : (numbers.get(side) ?? 0);
      }
      tree.writeUIntBE(record, at * 6 + which * 3, 3);
    });
  });
  const metadata = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: BigInt(Date.UTC(2026, 10, 1) / 1000),
    database_type: type,
    description: { en: 'invented' },
    ip_version: version,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 24,
  };
  return Buffer.concat([tree, Buffer.alloc(SEPARATOR), ...data, MARKER, encode(metadata)]);
}

/** IPv4 stands below `::/96` in a tree of IPv6. */
function bitsOf({ version, words, length }: IpPrefix, tree: 4 | 6): number[] {
  const bits = Array.from({ length }, (_, at) => ((words[at >> 5] ?? 0) >>> (31 - (at & 31))) & 1);
  return version === 4 && tree === 6 ? [...Array<number>(96).fill(0), ...bits] : bits;
}

function put(root: Node, bits: readonly number[], leaf: Leaf): void {
  let node = root;
  bits.forEach((bit, at) => {
    if (at === bits.length - 1) {
      node.sides[bit] = leaf;
      return;
    }
    const next = node.sides[bit];
    if (next !== undefined && 'place' in next) throw new Error('one network lies within another');
    const inner: Node = next ?? { sides: [undefined, undefined] };
    node.sides[bit] = inner;
    node = inner;
  });
}

function inOrder(root: Node): Node[] {
  const nodes = [root];
  for (const { sides } of nodes) {
    for (const side of sides) if (side !== undefined && 'sides' in side) nodes.push(side);
  }
  return nodes;
}

function encode(value: MmdbValue): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([control(2, bytes.length), bytes]);
  }
  if (typeof value === 'boolean') return control(14, value ? 1 : 0);
  if (typeof value === 'bigint') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    return Buffer.concat([control(9, 8), bytes]);
  }
  if (typeof value === 'number') return encodeNumber(value);
  if (Array.isArray(value)) {
    const items: readonly MmdbValue[] = value;
    return Buffer.concat([control(11, items.length), ...items.map(encode)]);
  }
  const entries = Object.entries(value);
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, item]) => [encode(key), encode(item)])]);
}

function encodeNumber(value: number): Buffer {
  const bytes = Buffer.alloc(Number.isInteger(value) && value >= 0 ? 4 : 8);
  if (bytes.length === 4) {
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  bytes.writeDoubleBE(value);
  return Buffer.concat([control(3, 8), bytes]);
}

/** Types over 7 are written in a byte of their own. Lengths to 28, and with one byte more to 284. */
function control(type: number, size: number): Buffer {
  const first = (type > 7 ? 0 : type << 5) | Math.min(size, 29);
  return Buffer.from([first, ...(type > 7 ? [type - 7] : []), ...(size >= 29 ? [size - 29] : [])]);
}
