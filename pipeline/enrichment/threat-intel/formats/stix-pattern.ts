/** STIX patterns longer than this are not read. */
const LONGEST = 64 * 1024;
/** One pattern gives no more values. */
const MOST = 1000;

/** Objects whose property is an address, a network, a domain or the address of a page. */
const PATHS: ReadonlySet<string> = new Set([
  'ipv4-addr:value',
  'ipv6-addr:value',
  'domain-name:value',
  'url:value',
  'network-traffic:dst_ref.value',
]);

const TOKEN = /\s*(?:(\[|\]|\(|\)|,|=)|'((?:[^'\\]|\\.)*)'|([A-Za-z][\w.:-]*))/y;

interface Token {
  readonly kind: 'sign' | 'text' | 'word';
  readonly text: string;
}

/**
 * The values of a STIX pattern that says nothing but that an address, network, domain or page is one of some: comparisons by `=`, `IN` and
 * `ISSUBSET`, joined by `OR`, in one or several observations. https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html, chapter 9
 * @returns undefined for every other pattern: a part of what must come together would hit too much
 */
export function valuesOfPattern(pattern: string): readonly string[] | undefined {
  const tokens = pattern.length > LONGEST ? undefined : tokensOf(pattern);
  return tokens && new PatternReader(tokens).read();
}

function tokensOf(pattern: string): Token[] | undefined {
  const tokens: Token[] = [];
  const text = pattern.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const [, sign, quoted, word] = TOKEN.exec(text) ?? [];
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replace(/\\(.)/gs, '$1') });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else return undefined;
  }
  return tokens;
}

class PatternReader {
  readonly #tokens: readonly Token[];
  readonly #values: string[] = [];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): readonly string[] | undefined {
    const understood = this.#anyOf(() => this.#observation()) && this.#at === this.#tokens.length;
    return understood && this.#values.length <= MOST ? this.#values : undefined;
  }

  /** One or several, with `OR` between them. */
  #anyOf(one: () => boolean): boolean {
    do {
      if (!one()) return false;
    } while (this.#takes('word', 'OR'));
    return true;
  }

  #observation(): boolean {
    return this.#takes('sign', '[') && this.#anyOf(() => this.#comparison()) && this.#takes('sign', ']');
  }

  #comparison(): boolean {
    const path = this.#next('word');
    if (path === undefined || !PATHS.has(path)) return false;
    if (this.#takes('sign', '=') || this.#takes('word', 'ISSUBSET')) return this.#value();
    return this.#takes('word', 'IN') && this.#takes('sign', '(') && this.#list() && this.#takes('sign', ')');
  }

  #list(): boolean {
    do {
      if (!this.#value()) return false;
    } while (this.#takes('sign', ','));
    return true;
  }

  #value(): boolean {
    const text = this.#next('text');
    if (text !== undefined) this.#values.push(text);
    return text !== undefined;
  }

  #next(kind: Token['kind']): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind) return undefined;
    this.#at += 1;
    return token.text;
  }

  #takes(kind: Token['kind'], text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind || token.text.toUpperCase() !== text) return false;
    this.#at += 1;
    return true;
  }
}
