import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/src/**/*.test.tsx',
      'test/conformance/**/*.test.ts',
      'test/house/**/*.test.ts',
      'test/quota/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    pool: 'threads',
    // Suites that start processes are slow on a busy machine; what hangs is still found.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
