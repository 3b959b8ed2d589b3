import type { FakeAnswer, FakeRequest } from './fake-service.ts';

/** What XML answers of AWS are made of; undefined is left out. */
export type XmlValue =
  string | number | boolean | undefined | readonly XmlValue[] | { readonly [name: string]: XmlValue };

/** What a service of the query protocols refuses. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message = code) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The access key that signed a request; undefined where it is not signed. */
export const signerOf = ({ headers }: FakeRequest): string | undefined =>
  /Credential=([^/,\s]+)\//.exec(headers.authorization ?? '')?.[1];

/** Elements of XML. @param item what the members of lists are called: `member` by IAM and STS, `item` by EC2 */
export function xmlOf(value: XmlValue, item: string): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return (value as readonly XmlValue[]).map((each) => element(item, each, item)).join('');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, inner]) => (inner === undefined ? '' : element(name, inner as XmlValue, item)))
      .join('');
  }
  return String(value).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const element = (name: string, value: XmlValue, item: string): string => `<${name}>${xmlOf(value, item)}</${name}>`;

/** Answers in XML. */
export const xmlAnswer = (status: number, text: string): FakeAnswer => ({
  status,
  text: `<?xml version="1.0" encoding="UTF-8"?>\n${text}`,
  headers: { 'content-type': 'text/xml' },
});
