import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mkdirSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { memoryStorage } from '../../../platform/storage/memory.ts';
import { blobCopies, folderCopies, sha256, type CopyManifest, type CopyStore } from './copy-store.ts';

const parent = await mkdtemp(join(tmpdir(), 'copies-'));
afterAll(() => rm(parent, { recursive: true, force: true }));

interface Kept {
  readonly store: CopyStore;
  /** Writes under a name what somebody else made of what was there. */
  readonly spoil: (name: string, change: (bytes: Buffer) => Uint8Array) => Promise<void>;
}

function inBlobs(): Kept {
  const { blobs } = memoryStorage();
  return {
    store: blobCopies(blobs),
    async spoil(name, change) {
      const kept = await blobs.get('copies', name);
      await blobs.put('copies', name, change(Buffer.from(kept?.body ?? [])), kept?.metadata);
    },
  };
}

let folders = 0;
function inFolder(): Kept {
  const folder = join(parent, String(++folders), 'feeds');
  return {
    store: folderCopies(folder),
    async spoil(name, change) {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      await writeFile(file, change(await readFile(file).catch(() => Buffer.alloc(0))));
    },
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const manifestOf = (id: string, body: Uint8Array, more: Partial<CopyManifest> = {}): CopyManifest => ({
  id,
  sha256: sha256(body),
  bytes: body.length,
  fetched: Date.UTC(2026, 10, 21),
  version: '2026.11.21',
  rows: 2,
  source: 'https://contoso.example/feed',
  ...more,
});

describe.each([
  ['in blobs', inBlobs],
  ['in a folder', inFolder],
])('copies %s', (_where, keep) => {
  it('are read as they were written', async () => {
    const { store } = keep();
    const body = bytes('crosstrail copy 1\n{}\n\n\u0000é');
    const manifest = manifestOf('intel/contoso', body, { etag: 'W/"a"', lastModified: 'x', model: '“v4”\n' });
    await store.write(manifest, body);
    expect(await store.manifest('intel/contoso')).toEqual(manifest);
    const copy = await store.read('intel/contoso');
    expect(copy?.manifest).toEqual(manifest);
    expect(Buffer.from(copy?.body ?? [])).toEqual(Buffer.from(body));
    expect(await store.damage('intel/contoso')).toBeUndefined();
  });

  it('take the place of earlier ones, and are listed in order', async () => {
    const { store } = keep();
    expect(await store.list()).toEqual([]);
    for (const id of ['kev', 'intel/b', 'epss', 'intel/a'])
      await store.write(manifestOf(id, bytes('old')), bytes('old'));
    await store.write(manifestOf('kev', bytes('new'), { version: '2' }), bytes('new'));
    await store.noteCheck('kev', { at: 1 });
    expect((await store.list()).map(({ id, version }) => `${id} ${version}`)).toEqual([
      'epss 2026.11.21',
      'intel/a 2026.11.21',
      'intel/b 2026.11.21',
      'kev 2',
    ]);
    expect(Buffer.from((await store.read('kev'))?.body ?? []).toString()).toBe('new');
  });

  it('that are absent are absent', async () => {
    const { store } = keep();
    const asked = [store.manifest('kev'), store.read('kev'), store.check('kev'), store.damage('kev')];
    expect(await Promise.all(asked)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('have checks beside them, with or without a copy', async () => {
    const { store } = keep();
    const none: string[] = [];
    const changes = { added: 1, changed: 0, withdrawn: 0, examples: { added: ['x'], changed: none, withdrawn: none } };
    const version = { version: '1', rows: 1 };
    const check = {
      at: 5,
      problem: 'it is empty',
      confirmed: 3,
      lastChange: { at: 2, from: version, to: version, changes },
    };
    await store.noteCheck('kev', check);
    expect(await store.check('kev')).toEqual(check);
    expect(await store.manifest('kev')).toBeUndefined();
  });

  it.each([
    ['torn', (whole: Buffer) => whole.subarray(0, -3), /is torn: it holds \d+ bytes of 9/],
    ['longer', (whole: Buffer) => Buffer.concat([whole, bytes('x')]), /is torn/],
    ['changed', (whole: Buffer) => Buffer.from(whole.toString().replace('the list', 'the LIST')), /was changed/],
  ])('that were %s are absent, and it is said why', async (_what, change, problem) => {
    const { store, spoil } = keep();
    await store.write(manifestOf('kev', bytes('the list\n')), bytes('the list\n'));
    await spoil('kev.copy', change);
    expect(await store.read('kev')).toBeUndefined();
    expect(await store.damage('kev')).toMatch(problem);
    await store.write(manifestOf('kev', bytes('good')), bytes('good'));
    expect(await store.damage('kev')).toBeUndefined();
  });

  it('that others wrote are absent, and it is said why', async () => {
    const { store, spoil } = keep();
    await spoil('kev.copy', () => bytes('{"vulnerabilities":[]}'));
    await spoil('kev.check', () => bytes('<html>'));
    expect(await store.manifest('kev')).toBeUndefined();
    expect(await store.check('kev')).toBeUndefined();
    expect(await store.list()).toEqual([]);
    expect(await store.damage('kev')).toBe('kev.copy is no copy that Crosstrail wrote');
  });

  it.each(['', '../kev', 'KEV', 'a/b/c', '/kev', 'kev/', 'a\\b', '__proto__'])('have no id %j', async (id) => {
    const { store } = keep();
    await expect(store.read(id)).rejects.toThrow('expected lower-case letters');
    await expect(store.write(manifestOf(id, bytes('x')), bytes('x'))).rejects.toThrow();
  });

  it('are what their manifests say', async () => {
    const { store } = keep();
    await expect(store.write(manifestOf('kev', bytes('one')), bytes('other'))).rejects.toThrow('not that of its body');
  });

  it('keep whatever a publisher says of itself', async () => {
    const { store } = keep();
    const text = fc.string({ maxLength: 100, unit: 'binary' }).map((said) => said.toWellFormed());
    await fc.assert(
      fc.asyncProperty(text, text, fc.uint8Array({ maxLength: 50 }), async (version, model, body) => {
        const manifest = manifestOf('kev', body, { version: version.slice(0, 100), model: model.slice(0, 100) });
        await store.write(manifest, body);
        expect(await store.manifest('kev')).toEqual(manifest);
        expect(await store.damage('kev')).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});

it('leaves nothing half written in its folder, whoever writes at the same time', async () => {
  const folder = join(parent, 'race');
  const store = folderCopies(folder);
  const bodies = Array.from({ length: 20 }, (_, at) => bytes(`${at}`.repeat(1000)));
  const writing = Promise.all(bodies.map((body) => store.write(manifestOf('kev', body), body)));
  const seen = [];
  for (let time = 0; time < 20; time++) seen.push(await store.damage('kev'));
  await writing;
  expect(seen.filter((damage) => damage !== undefined)).toEqual([]);
  expect(await readdir(folder)).toEqual(['kev.copy']);
});
