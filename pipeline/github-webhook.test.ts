import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryHubs } from '../platform/hubs.ts';
import { receiveWebhook } from './github-webhook.ts';
import { decode } from './sources/decode.ts';

const SECRET = 'invented-webhook-secret';
const body = new TextEncoder().encode('{"action":"created","alert":{"number":1}}');
const sign = (bytes: Uint8Array, secret = SECRET): string =>
  `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;

async function receive(changes: object = {}, secret: string | undefined = SECRET) {
  const hubs = new MemoryHubs();
  const call = { body, signature: sign(body), event: 'dependabot_alert', ...changes };
  const { status } = await receiveWebhook(call, secret, hubs);
  return { status, sent: (hubs.sent.get('github-audit') ?? []).map((message) => message.body) };
}

describe('receiveWebhook', () => {
  it.each(['code_scanning_alert', 'dependabot_alert', 'secret_scanning_alert'])(
    'passes %s on as it is',
    async (event) => {
      expect(await receive({ event })).toEqual({ status: 202, sent: [body] });
    },
  );

  it.each([
    ['another secret', { signature: sign(body, 'another') }],
    ['another body', { signature: sign(new Uint8Array([1])) }],
    ['no signature', { signature: undefined }],
    ['an older kind of signature', { signature: 'sha1=0000' }],
    ['part of the signature', { signature: sign(body).slice(0, -1) }],
  ])('takes nothing with %s', async (_name, changes) => {
    expect(await receive(changes)).toEqual({ status: 401, sent: [] });
  });

  it.each([undefined, ''])('takes nothing where the secret is %j, however it is signed', async (secret) => {
    const hubs = new MemoryHubs();
    const call = { body, signature: sign(body, ''), event: 'dependabot_alert' };
    expect((await receiveWebhook(call, secret, hubs)).status).toBe(503);
    expect(hubs.sent.size).toBe(0);
  });

  it.each(['ping', 'push', undefined])('passes %j over', async (event) => {
    expect(await receive({ event })).toEqual({ status: 202, sent: [] });
  });

  it('sends on as gzip what is longer than a hub takes', async () => {
    const long = new TextEncoder().encode(JSON.stringify({ alert: { number: 1, text: 'x'.repeat(24_000_000) } }));
    const { status, sent } = await receive({ body: long, signature: sign(long) });
    expect(status).toBe(202);
    expect(sent[0]?.length).toBeLessThan(1_000_000);
    expect(decode(sent[0] ?? new Uint8Array())).toEqual([
      { index: 0, record: JSON.parse(new TextDecoder().decode(long)) as unknown },
    ]);
  });

  it('takes nothing that is too long even as gzip, nor more than GitHub sends', async () => {
    const random = randomBytes(1_100_000);
    expect(await receive({ body: random, signature: sign(random) })).toEqual({ status: 413, sent: [] });
    const long = new Uint8Array(25 * 1024 * 1024 + 1);
    expect(await receive({ body: long, signature: sign(long) })).toEqual({ status: 413, sent: [] });
  });

  it('refuses a form, which nobody could read later', async () => {
    const form = new TextEncoder().encode(`payload=${encodeURIComponent('{"action":"created"}')}`);
    expect(await receive({ body: form, signature: sign(form) })).toEqual({ status: 415, sent: [] });
  });
});
