export type { LoadProgress, LoadShape, LoadTestDeps, LoadTestOptions } from './options.ts';
export type { LoadTrace, LoadTraceRequest } from './ports.ts';
export { type LengthSpread, parseLengths } from './prompts/parse-lengths.ts';
export { runLoadTest } from './run-load-test.ts';
