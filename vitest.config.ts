import { defineConfig } from 'vitest/config';

/** What neither changes the environment nor services that the process has once: such files share workers, and load what they import once. */
const TOGETHER = ['pipeline/**/*.test.ts', 'playbooks/**/*.test.ts', 'detections/**/*.test.ts'];
const NEVER = ['node_modules/**', 'dist/**', '.crosstrail/**'];

export default defineConfig({
  test: {
    // Vitest leaves one core to itself, of which it has no need while tests run.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['**/*.test.ts'],
          exclude: [...NEVER, ...TOGETHER],
          globalSetup: ['test/command-folder.ts'],
        },
      },
      { extends: true, test: { name: 'together', include: TOGETHER, exclude: NEVER, isolate: false } },
    ],
  },
});
