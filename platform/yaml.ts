import {
  Composer,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml';

/** Why a YAML document cannot be read. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  /** From 1; undefined where the whole text is meant. */
  readonly line: number | undefined;

  constructor(message: string, line: number | undefined) {
    super(message);
    this.line = line;
  }
}

/** One document of a YAML text. */
export interface YamlDocument {
  /** The line at which the document's content begins, from 1. */
  readonly line: number;
  /**
   * The document as plain data: null, booleans, numbers, texts, arrays, and objects with own keys only.
   * @throws YamlError
   */
  value(): unknown;
  /** The line of the key or the item at a path of keys and positions, or of the nearest above it; undefined where there is none. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/** The most lexical tokens of a text. What is written for people has about one for every four characters. */
const MAX_TOKENS = 200_000;
/** What a text is made of at its top. Each costs much more than a token. */
const PARTS: ReadonlySet<string> = new Set(['document', 'directive', 'error']);
const MAX_PARTS = 10_000;
const MAX_DEPTH = 64;
const TOO_DEEP = `nested deeper than ${MAX_DEPTH}`;
/** The most values of a document; what an alias repeats counts each time. */
const MAX_VALUES = 100_000;

/**
 * Reads the YAML documents of a text that may be hostile: time and memory are linear in its length, and bounded. Refused are
 * duplicate keys, keys that are no texts, unknown tags, aliases that repeat too much, and what is nested too deep.
 * @throws YamlError where the whole text is unusable; an error of one document is thrown by its `value`
 */
export function readYaml(text: string): YamlDocument[] {
  const lines = new LineCounter();
  // Comparing each key with all others is quadratic; `plainValue` finds duplicates by look-up.
  const composer = new Composer({ uniqueKeys: false });
  return Array.from(composer.compose(tokens(text, lines)), (document) => documentOf(document, lines));
}

function* tokens(text: string, lines: LineCounter) {
  const parser = new Parser(lines.addNewLine);
  const bounded = (count: number, most: number, what: string): void => {
    if (count > most) throw new YamlError(`more than ${most} ${what}; split the file`, lines.lineStarts.length);
  };
  lines.addNewLine(0);
  let words = 0;
  let parts = 0;
  for (const word of new Lexer().lex(text)) {
    bounded((words += 1), MAX_TOKENS, 'words and signs');
    for (const token of parser.next(word)) {
      if (PARTS.has(token.type)) bounded((parts += 1), MAX_PARTS, 'documents, directives and errors');
      yield token;
    }
  }
  yield* parser.end();
}

function documentOf(document: Document.Parsed, lines: LineCounter): YamlDocument {
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  return {
    line: lineAt(document.contents?.range[0] ?? document.range[0]),
    value() {
      const [problem] = [...document.errors, ...document.warnings];
      if (problem !== undefined) {
        // The library's reading is recursive and stops where its stack ends, which is deeper than what is taken here.
        const tooDeep = problem.code === 'RESOURCE_EXHAUSTION';
        throw new YamlError(tooDeep ? TOO_DEEP : problem.message, lineAt(problem.pos[0]));
      }
      return new PlainValue(lineAt).of(document.contents, 0);
    },
    lineOf(path) {
      const node = nodeAt(document.contents, path);
      return node?.range ? lineAt(node.range[0]) : undefined;
    },
  };
}

/** The deepest key or item that a path leads to. A value may begin lines below its key: it is the key that a person looks for. */
function nodeAt(top: Node | null, path: readonly (string | number)[]): Node | undefined {
  let found: Node | undefined;
  let at: unknown = top;
  for (const step of path) {
    if (isMap(at)) {
      const pair = at.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!isNode(pair?.key)) break;
      found = pair.key;
      at = pair.value;
    } else {
      const item = isSeq(at) ? at.items[Number(step)] : undefined;
      if (!isNode(item)) break;
      found = item;
      at = item;
    }
  }
  return found;
}

/** Makes plain data of the nodes of one document. An anchored value is made once, and shared by its aliases. */
class PlainValue {
  readonly #lineAt: (offset: number) => number;
  readonly #anchors = new Map<string, { readonly value: unknown; readonly size: number }>();
  #size = 0;

  constructor(lineAt: (offset: number) => number) {
    this.#lineAt = lineAt;
  }

  of(node: Node | null, depth: number): unknown {
    if (node === null) return null;
    if (depth > MAX_DEPTH) throw this.#error(TOO_DEEP, node);
    if (isAlias(node)) return this.#aliased(node.source, node);
    const before = this.#size;
    this.#grow(1, node);
    const value = this.#content(node, depth);
    if ('anchor' in node && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, { value, size: this.#size - before });
    }
    return value;
  }

  #content(node: Node, depth: number): unknown {
    if (isScalar(node)) return this.#scalar(node);
    if (isSeq(node)) return node.items.map((item) => this.of(isNode(item) ? item : null, depth + 1));
    if (isMap(node)) return this.#object(node, depth);
    throw this.#error('expected a value', node);
  }

  /** Under `%YAML 1.1` the library makes dates and merge keys of plain texts: here they are texts, as in 1.2. */
  #scalar(node: Scalar): string | number | boolean | null {
    const { value, source } = node;
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return value;
    }
    if (value instanceof Uint8Array || source === undefined) {
      throw this.#error('neither text nor number; leave out the tag, and write a text', node);
    }
    return source;
  }

  /** Own keys only, whatever they are called: `__proto__` is a key like others. */
  #object(map: YAMLMap, depth: number): object {
    const entries = new Map<string, unknown>();
    for (const { key, value } of map.items) {
      const name = this.#name(key, depth);
      if (name === undefined) throw this.#error('a key is a text; this one is not', isNode(key) ? key : map);
      if (entries.has(name))
        throw this.#error('the keys of a map must differ; this one stands twice', isNode(key) ? key : map);
      entries.set(name, this.of(isNode(value) ? value : null, depth + 1));
    }
    return Object.fromEntries(entries);
  }

  #name(key: unknown, depth: number): string | undefined {
    const name = isScalar(key) ? this.of(key, depth) : undefined;
    return name === null
      ? ''
      : typeof name === 'string' || typeof name === 'number' || typeof name === 'boolean'
        ? String(name)
        : undefined;
  }

  #aliased(name: string, node: Node): unknown {
    const anchored = this.#anchors.get(name);
    if (anchored === undefined) throw this.#error('an alias stands before the end of what it repeats', node);
    this.#grow(anchored.size, node);
    return anchored.value;
  }

  #grow(size: number, node: Node): void {
    this.#size += size;
    if (this.#size > MAX_VALUES) {
      throw this.#error(`more than ${MAX_VALUES} values, those that aliases repeat included; split the document`, node);
    }
  }

  #error(message: string, { range }: Node): YamlError {
    return new YamlError(message, range ? this.#lineAt(range[0]) : undefined);
  }
}
