import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { provideServices } from '../functions/services.ts';
import { invoke } from '../local/host/invoke.ts';
import { captureFunctions, type FunctionApp } from '../local/host/registrations.ts';
import { TIMELINE_HUB } from '../pipeline/ingest.ts';
import { decodeEvent } from '../pipeline/timeline/codec.ts';
import { ManualClock } from '../platform/clock.ts';
import { awsRecord, memoryPorts } from './memory-ports.ts';

const clock = new ManualClock(Date.UTC(2026, 10, 20, 10));
const { storage, hubs } = memoryPorts();
const lines: string[] = [];
let folder: string;
let app: FunctionApp;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reload-'));
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'crosstrail.yaml'), 'rules: { builtin: false, directories: [rules], reload: 10s }\n');
  writeRule('ListBuckets');
  process.env['CROSSTRAIL_CONFIG'] = join(folder, 'crosstrail.yaml');
  provideServices({ storage, hubs, clock, log: (level, message) => void lines.push(`${level}: ${message}`) });
  app = await captureFunctions(() => import('../functions/index.ts'));
});
afterAll(() => {
  delete process.env['CROSSTRAIL_CONFIG'];
  provideServices({});
  rmSync(folder, { recursive: true, force: true });
});

function writeRule(operation: string, modifier = ''): void {
  const detection = `{ selection: { eventName${modifier}: ${operation} }, condition: selection }`;
  const logsource = '{ product: aws, service: cloudtrail }';
  writeFileSync(
    join(folder, 'rules', 'rule.yml'),
    `title: ${operation}\nid: rule\nlogsource: ${logsource}\ndetection: ${detection}\n`,
  );
}

function registered(name: string) {
  const registration = app.functions.find((one) => one.name === name);
  if (registration === undefined) throw new Error(`there is no function ${name}`);
  return registration;
}

let records = 0;

/** Sends a record through the function, and gives the titles of the rules that fire on it. */
async function fired(eventName: string): Promise<string[]> {
  records += 1;
  const body = new TextEncoder().encode(JSON.stringify(awsRecord(records, { eventName })));
  const data = { collectionBytes: { bytes: [body] } };
  await invoke(app, registered('ingest-cloudtrail'), { data }, () => undefined);
  const last = hubs.sent.get(TIMELINE_HUB)?.at(-1);
  return last === undefined ? [] : decodeEvent(last.body).signals.map(({ rule }) => rule.title);
}

const health = z.object({
  jsonBody: z.object({
    rules: z.object({
      loaded: z.number(),
      reloaded: z.string().optional(),
      refused: z.object({ at: z.string(), reasons: z.array(z.string()) }).optional(),
    }),
    counts: z.array(z.object({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number() })),
  }),
});

async function healthOf() {
  const { rules, counts } = health.parse(await registered('health').handler({}, {})).jsonBody;
  return {
    rules,
    reloads: counts
      .filter(({ name }) => name === 'rules_reload')
      .map(({ labels: { result }, value }) => [result, value]),
  };
}

it('matches new records by a changed rule without a restart, and keeps the old one where the change is bad', async () => {
  expect(await fired('ListBuckets')).toEqual(['ListBuckets']);
  expect(await healthOf()).toEqual({ rules: { loaded: 1 }, reloads: [] });

  writeRule('GetObject');
  expect(await fired('GetObject')).toEqual([]);
  clock.advance(10_000);
  // The invocation that finds the change does not wait for it.
  await expect.poll(() => fired('GetObject')).toEqual(['GetObject']);
  expect(await fired('ListBuckets')).toEqual([]);
  expect(lines.splice(0)).toEqual(['information: rules: reloaded, 1 in use: 1 changed (rule)']);

  writeRule('PutObject', '|bogus');
  clock.advance(10_000);
  await fired('PutObject');
  await expect
    .poll(async () => (await healthOf()).rules.refused?.reasons)
    .toEqual([expect.stringMatching(/rule\.yml:4: unknown modifier 'bogus'/)]);
  expect(await fired('GetObject')).toEqual(['GetObject']);
  expect(lines.splice(0)).toEqual([expect.stringMatching(/^warning: .*those in use stay: .*rule\.yml:4: /)]);

  writeRule('PutObject');
  clock.advance(10_000);
  await expect.poll(() => fired('PutObject')).toEqual(['PutObject']);
  expect(await healthOf()).toEqual({
    rules: { loaded: 1, reloaded: '2026-11-20T10:00:30.000Z' },
    reloads: [
      ['taken', 2],
      ['refused', 1],
    ],
  });
  lines.length = 0;
});

it('does not take a configuration that is being written, and says nothing yet, for one that asks for the defaults', async () => {
  const path = join(folder, 'crosstrail.yaml');
  const text = readFileSync(path, 'utf8');
  const loaded = (await healthOf()).rules.loaded;
  writeFileSync(path, '');
  clock.advance(10_000);
  expect((await healthOf()).rules.loaded).toBe(loaded);
  await expect
    .poll(() => lines.splice(0))
    .toEqual([expect.stringMatching(/^warning: .*crosstrail\.yaml is gone, or says nothing any more; put it back/)]);
  writeFileSync(path, text);
  clock.advance(10_000);
  expect((await healthOf()).rules.loaded).toBe(loaded);
  await expect.poll(() => lines.splice(0)).toEqual([expect.stringContaining('again as they are in use')]);
});
