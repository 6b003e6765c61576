export { BLOCK_POLICIES } from './no-timing/block-policies.ts';
export type { BlockReplayResult } from './no-timing/block-replay.ts';
export type { BlockRow } from './no-timing/block-table.ts';
export type { PolicyResult, Slo, Summary } from './report/result.ts';
export { type SimulateOptions, type Simulation, simulateTrace } from './simulate-trace.ts';
export { openTrace, parseTrace, readTrace } from './trace/read-trace.ts';
export type { RequestSource, Trace, TraceFile, TraceRequest } from './trace/trace-request.ts';
