/** Runs all tests, or those whose files are named, and ends with one line of counts from the runner's own report. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  success: z.boolean(),
});

const folder = mkdtempSync(join(tmpdir(), 'crosstrail-tests-'));
const report = join(folder, 'report.json');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
  stdio: 'inherit',
});

let counts: z.infer<typeof schema> | undefined;
try {
  counts = schema.parse(JSON.parse(readFileSync(report, 'utf8')));
} catch {
  process.stdout.write('The test runner wrote no report.\n0 passed, 1 failed, 0 skipped\n');
}
rmSync(folder, { recursive: true, force: true });
if (counts) {
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = counts;
  // A file that cannot be loaded has no test that failed, yet is a failure.
  const unloaded = status !== 0 && failed === 0 ? 1 : 0;
  process.stdout.write(`${passed} passed, ${failed + unloaded} failed, ${skipped} skipped\n`);
}
process.exitCode = counts?.success === true && status === 0 ? 0 : 1;
