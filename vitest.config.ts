import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/src/**/*.test.tsx',
      'test/conformance/**/*.test.ts',
      'test/house/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
    setupFiles: ['test/harness/seed-properties.ts'],
    pool: 'threads',
    // One module graph per thread: reading it anew for each of 300 files takes longer than the tests. No module keeps state of its own.
    isolate: false,
    // Suites that start processes are slow on a busy machine; what hangs is still found.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
