import { MAX_DEPTH, parseJson, type Json, type JsonObject } from '../../../platform/json.ts';
import { setOwn } from '../shared/remainder.ts';

/**
 * Reads the beginning of a JSON object that was cut off: every member that is complete, and of the object or list in which the text ends
 * what of it is complete. The same for text that goes wrong rather than ends: what comes before the fault. Takes time in proportion to the
 * text, and nests no deeper than records may.
 * @returns undefined where the text does not begin as an object
 */
export function salvage(text: string): JsonObject | undefined {
  const reader = new PartialReader(text);
  return reader.object();
}

class PartialReader {
  readonly #text: string;
  #at = 0;
  /** Once the text has ended or gone wrong, nothing more is read. */
  #cut = false;

  constructor(text: string) {
    this.#text = text;
  }

  object(): JsonObject | undefined {
    this.#skipSpace();
    return this.#text[this.#at] === '{' ? this.#object(1) : undefined;
  }

  #object(depth: number): JsonObject {
    const object: JsonObject = {};
    this.#at++;
    if (this.#takes('}')) return object;
    for (;;) {
      this.#skipSpace();
      const name = this.#string();
      if (name === undefined || !this.#takes(':')) break;
      const value = this.#value(depth);
      if (value === undefined) break;
      setOwn(object, name, value);
      if (this.#cut || this.#takes('}')) return object;
      if (!this.#takes(',')) break;
    }
    this.#cut = true;
    return object;
  }

  #list(depth: number): Json[] {
    const list: Json[] = [];
    this.#at++;
    if (this.#takes(']')) return list;
    for (;;) {
      const value = this.#value(depth);
      if (value === undefined) break;
      list.push(value);
      if (this.#cut || this.#takes(']')) return list;
      if (!this.#takes(',')) break;
    }
    this.#cut = true;
    return list;
  }

  /** Undefined where a value is cut or no value stands; an object or list that is cut is given as far as it goes. */
  #value(depth: number): Json | undefined {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return depth < MAX_DEPTH ? this.#object(depth + 1) : undefined;
      case '[':
        return depth < MAX_DEPTH ? this.#list(depth + 1) : undefined;
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #string(): string | undefined {
    const text = this.#text;
    const start = this.#at;
    if (text[start] !== '"') return undefined;
    let escaped = false;
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 34) {
        this.#at = at + 1;
        return escaped ? unescaped(text.slice(start, at + 1)) : text.slice(start + 1, at);
      }
      if (code === 92) {
        escaped = true;
        at++;
      }
    }
    return undefined;
  }

  #literal<V>(word: string, value: V): V | undefined {
    if (!this.#text.startsWith(word, this.#at)) return undefined;
    this.#at += word.length;
    return value;
  }

  /** A number ends before a mark or a space; one that the text ends in may have gone on. */
  #number(): number | undefined {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text)?.[0];
    if (found === undefined || !AFTER_NUMBER.has(this.#text[this.#at + found.length])) return undefined;
    this.#at += found.length;
    return Number(found);
  }

  #takes(mark: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at++;
    }
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const AFTER_NUMBER: ReadonlySet<string | undefined> = new Set([',', '}', ']', ' ', '\n', '\r', '\t']);

function unescaped(quoted: string): string | undefined {
  try {
    const value = parseJson(quoted);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
