import type { RuleTestReport } from '../../pipeline/detection/testing/rule-tests.ts';

const INTERVAL = 200;

/** A line that follows many tests, where the stream is a terminal; nothing otherwise. */
export function testProgress(stream: NodeJS.WriteStream, files: number) {
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined };
  let last = performance.now();
  let seen = 0;
  let failed = 0;
  let shown = false;
  return {
    show: ({ tests }: RuleTestReport) => {
      seen += 1;
      failed += tests.filter(({ passed }) => !passed).length;
      const now = performance.now();
      if (now - last < INTERVAL) return;
      last = now;
      shown = true;
      stream.write(`\r\x1b[2Kfile ${seen} of ${files}, ${failed} failed`);
    },
    end: () => {
      if (shown) stream.write('\r\x1b[2K');
    },
  };
}
