import { defineConfig } from 'vitest/config';

// Unmodified clients against a running platform; one that can not be installed is a failure, not a skip.
export default defineConfig({
  test: { include: ['test/clients/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 1_200_000, fileParallelism: false, reporters: ['default'] },
});
