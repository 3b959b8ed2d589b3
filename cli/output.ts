import { once } from 'node:events';

const FLUSH_AT = 1 << 16;

/** Writes lines to a stream in large pieces, and waits at the end until all is written, which `process.exit` would not. */
export function writer(stream: NodeJS.WritableStream) {
  let pending = '';
  let full = false;
  const flush = () => {
    if (pending !== '') full = !stream.write(pending);
    pending = '';
  };
  return {
    line: (line: string): void => {
      pending += `${line}\n`;
      if (pending.length >= FLUSH_AT) flush();
    },
    end: async (): Promise<void> => {
      flush();
      if (full) await once(stream, 'drain');
    },
  };
}
