/**
 * Two things that the transactions of @azure/data-tables 13 lack, mended in the request on its way out:
 * a `delete` with an etag (the SDK sends `If-Match: *` for every delete of a transaction), and text with the line separators
 * U+2028 and U+2029 (Azurite cuts the request into lines there, and fails).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { TableServiceClientOptions } from '@azure/data-tables';
import { escapeLineSeparators } from './limits.ts';

type AdditionalPolicy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number];

/** Etags of the conditional deletes, by row key, of the transaction being sent. */
const conditionalDeletes = new AsyncLocalStorage<ReadonlyMap<string, string>>();

/** Sends a transaction whose deletes of these rows hold only while their etag matches. */
export function withConditionalDeletes<T>(etags: ReadonlyMap<string, string>, send: () => Promise<T>): Promise<T> {
  return conditionalDeletes.run(etags, send);
}

/** The policy for the clients that send transactions. */
export const transactionPolicy: AdditionalPolicy = {
  position: 'perCall',
  policy: {
    name: 'crosstrailTransactionPolicy',
    sendRequest(request, next) {
      if (typeof request.body === 'string' && request.url.includes('/$batch')) {
        request.body = escapeLineSeparators(withEtags(request.body, conditionalDeletes.getStore()));
      }
      return next(request);
    },
  },
};

/** Each request for a delete within the body: its URL with the row key, its headers up to If-Match. */
const DELETE_REQUEST = /^(DELETE \S*RowKey='(\S*)'\)\S* HTTP\/1\.1\r\n(?:[\w-]+: .*\r\n)*?if-match: )\*/gim;

function withEtags(body: string, etags: ReadonlyMap<string, string> | undefined): string {
  if (etags === undefined || etags.size === 0) return body;
  let set = 0;
  const conditional = body.replace(DELETE_REQUEST, (whole: string, head: string, key: string) => {
    const etag = etags.get(decodeURIComponent(key).replaceAll("''", "'"));
    if (etag === undefined) return whole;
    set++;
    return head + etag;
  });
  if (set === etags.size) return conditional;
  throw new Error('A conditional delete could not be sent: @azure/data-tables writes transactions in an unknown form.');
}
