import type { Json } from '../../../platform/json.ts';

/**
 * Values for a query of fixed text, as `let` statements before it. KQL over Log Analytics has no parameters, so each value is JSON in Base64, which
 * the service opens: whatever a value holds, the query has of it only letters, digits, `+`, `/` and `=`, in which no literal can end and
 * no statement begin.
 * https://learn.microsoft.com/kusto/query/base64-decode-tostring-function, https://learn.microsoft.com/kusto/query/parse-json-function
 * @param values by name; names are those of the program, never of outside data
 * @throws TypeError where a name is no plain word
 */
export function letStatements(values: Readonly<Record<string, Json>>): string {
  return Object.entries(values)
    .map(([name, value]) => {
      if (!/^[a-zA-Z]\w{0,40}$/.test(name)) throw new TypeError(`not a name for a value of a query: ${name}`);
      return `let ${name} = parse_json(base64_decode_tostring("${base64(JSON.stringify(value))}"));\n`;
    })
    .join('');
}

/** Of UTF-8; a lone half of a surrogate pair, which is no text, becomes U+FFFD. */
const base64 = (text: string): string => Buffer.from(text.toWellFormed()).toString('base64');
