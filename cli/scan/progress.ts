import type { ScanCounts } from './scan.ts';

const INTERVAL = 200;

/** A line that follows a long scan, where the stream is a terminal; nothing otherwise. */
export function progressOf(stream: NodeJS.WriteStream, files: number) {
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined };
  let last = performance.now();
  const seen = new Set<string>();
  let shown = false;
  return {
    show: (file: string, counts: Readonly<ScanCounts>) => {
      seen.add(file);
      const now = performance.now();
      if (now - last < INTERVAL) return;
      last = now;
      shown = true;
      stream.write(`\r\x1b[2Kfile ${seen.size} of ${files}, ${counts.records} records, ${counts.signals} signals`);
    },
    end: () => {
      if (shown) stream.write('\r\x1b[2K');
    },
  };
}
