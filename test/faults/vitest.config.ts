import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/faults/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, maxConcurrency: 24, reporters: ['default'] },
});
