import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectionStringOf } from '../local/azurite/connection-string.ts';

/** Ends the emulator when the test process ends, however it ends: the pipe to its standard input closes then. */
const END_WITH_PARENT = 'data:text/javascript,process.stdin.on("close",()=>process.exit()).resume()';

export interface Azurite {
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** Starts Azurite as a child process, all state in memory, on free ports of the loopback address; ready when this resolves. */
export async function startAzurite(): Promise<Azurite> {
  const folder = await mkdtemp(join(tmpdir(), 'azurite-'));
  const script = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const options = ['--inMemoryPersistence', '--silent', '--skipApiVersionCheck', '--disableTelemetry'];
  const ports = ['--blobPort', '0', '--queuePort', '0', '--tablePort', '0'];
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, script, ...options, ...ports], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const endpoints = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [, service, url] = /^Azurite (\w+) service is successfully listening at (\S+)$/.exec(line) ?? [];
    if (service !== undefined && url !== undefined) endpoints.set(service, url);
    if (endpoints.size === 3) break;
  }
  if (endpoints.size < 3) throw new Error('Azurite ended before it was ready; what it said stands above.');
  child.stdout.resume();
  const port = (name: string): number => Number(new URL(endpoints.get(name) ?? '').port);
  return {
    connectionString: connectionStringOf({ blob: port('Blob'), queue: port('Queue'), table: port('Table') }),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
