import { defineConfig } from 'vitest/config';
import { ENVIRONMENT } from './environment.ts';

// Every configuration is read and booted, and the admin API is called by the client of LiteLLM itself.
export default defineConfig({
  test: {
    include: ['test/conformance-litellm/**/*.test.ts'],
    env: { ...ENVIRONMENT },
    testTimeout: 60_000,
    hookTimeout: 900_000,
    fileParallelism: false,
    reporters: ['default'],
  },
});
