import { defineConfig } from 'vitest/config';

// Real services, started by the tests themselves; one that is missing is a failure, not a skip.
export default defineConfig({
  test: {
    include: ['test/integration/**/*.test.ts', 'packages/*/src/**/*.integration.test.ts'],
    setupFiles: ['test/harness/seed-properties.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    reporters: ['default'],
  },
});
