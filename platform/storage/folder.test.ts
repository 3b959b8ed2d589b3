import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { folderStorage } from './folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-folder-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('keeps what was committed for whoever opens the folder next, and shows it to whoever has it open', async () => {
  const [one, other] = [folderStorage(folder), folderStorage(folder)];
  await one.tables.commit('leases', 'p', [{ kind: 'insert', row: 'a', cells: { bytes: Uint8Array.of(1), text: 'é' } }]);
  const seen = await other.tables.get('leases', 'p', 'a');
  expect(seen?.cells).toStrictEqual({ bytes: Uint8Array.of(1), text: 'é' });
  await other.tables.commit('leases', 'p', [{ kind: 'replace', row: 'a', cells: { n: 2 }, etag: seen?.etag ?? '' }]);
  one.close();
  other.close();
  const later = folderStorage(folder);
  expect((await later.tables.get('leases', 'p', 'a'))?.cells).toStrictEqual({ n: 2 });
  later.close();
});

it('loses no commit of processes that write at once and are killed', async () => {
  const script = `
    const { folderStorage } = await import(${JSON.stringify(new URL('folder.ts', import.meta.url).href)});
    const { tables } = folderStorage(process.argv[1]);
    for (let n = 0; ; n++) {
      await tables.commit('counted', process.argv[2], [{ kind: 'insert', row: String(n).padStart(6, '0'), cells: { n } }, { kind: 'upsert', row: 'last', cells: { n } }]);
      console.log(n);
    }`;
  const children = ['one', 'two'].map((name) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, folder, name]);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    return { name, child, said: () => Number(out.split('\n').at(-2) ?? -1) };
  });
  await expect.poll(() => Math.min(...children.map(({ said }) => said())), { timeout: 20_000 }).toBeGreaterThan(3);
  for (const { child } of children) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  const { tables, close } = folderStorage(folder);
  for (const { name, said } of children) {
    const last = Number((await tables.get('counted', name, 'last'))?.cells['n']);
    expect(last).toBeGreaterThanOrEqual(said());
    const { rows } = await tables.query('counted', name, { to: 'last', limit: 1000 });
    expect(rows.map(({ cells }) => cells['n'])).toStrictEqual(
      Array.from({ length: last + 1 }, (_, n) => n).slice(0, 1000),
    );
  }
  close();
});

it('says so where its file is something else', async () => {
  const other = await mkdtemp(join(folder, 'other-'));
  await writeFile(
    join(other, 'responses.db'),
    'a text that is no database at all, and long enough to be read as one'.repeat(20),
  );
  expect(() => folderStorage(other)).toThrow('file is not a database');
});
