import type { LoadTestOptions } from '../options.ts';
import { parseLengths } from '../prompts/parse-lengths.ts';

/** A small load test; a test says what is different. */
export const loadTestOptions = (endpoint: string, changes: Partial<LoadTestOptions> = {}): LoadTestOptions => ({
  endpoint,
  operation: 'completions',
  streaming: true,
  load: { mode: 'concurrency', levels: [2], requests: 6, durationMs: undefined },
  input: parseLengths('100'),
  output: parseLengths('8'),
  sharedPrefixTokens: 0,
  warmUpRequests: 1,
  seed: 1,
  ignoreEos: true,
  slo: { ttftMs: null, tpotMs: null, e2eMs: null },
  timeoutMs: 20_000,
  client: { version: '0.0.0', runtime: 'test', system: 'test' },
  ...changes,
});
