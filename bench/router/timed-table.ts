import { type PolicyResult, simulateTrace, type Trace } from '../../packages/platform/src/simulate/index.ts';

const POLICIES = ['random', 'round-robin', 'least-request', 'prefix-hash', 'sglang-cache-aware', 'precise-prefix', 'greedy-prefix', 'maru'];
/** On-demand price of one GPU-hour, for comparison between policies only. */
const GPU_USD_PER_HOUR = 4;
const SLO = { ttftMs: 2000, itlMs: 50 };

const HEADER = ['policy', 'ttft mean', 'p50', 'p95', 'p99', 'itl mean', 'p99', 'e2e mean', 'p99', 'goodput', 'hit', 'imbal.', '$/1M', 'req/s simulated'];
const WIDTHS = [20, 10, 8, 9, 9, 9, 7, 9, 9, 8, 7, 7, 7, 16];

/** Prints what each policy does to the trace in virtual time, and how fast that was computed. */
export function printTimedTable(trace: Trace, rateScale: number, print: (line: string) => void): void {
  const { profile } = simulateTrace({ trace: { ...trace, requests: trace.requests.slice(0, 1) }, replicas: 1, policies: ['random'] });
  print(
    `${trace.requests.length} requests, arrivals ×${rateScale}, 8 replicas of ${profile?.name} (${profile?.status}); SLO: ttft ${SLO.ttftMs} ms, itl ${SLO.itlMs} ms`,
  );
  print(line(HEADER));
  for (const policy of POLICIES) {
    const startMs = performance.now();
    const [result] = simulateTrace({ trace, replicas: 8, policies: [policy], slo: SLO, gpuUsdPerHour: GPU_USD_PER_HOUR, rateScale }).timed;
    if (result !== undefined) print(line(cells(result, (result.requests * 1000) / (performance.now() - startMs))));
  }
}

const cells = (result: PolicyResult, perSecond: number): string[] => [
  result.policy,
  ...[result.ttftMs.mean, result.ttftMs.p50, result.ttftMs.p95, result.ttftMs.p99].map((value) => (value ?? 0).toFixed(0)),
  (result.itlMs.mean ?? 0).toFixed(1),
  (result.itlMs.p99 ?? 0).toFixed(0),
  (result.e2eMs.mean ?? 0).toFixed(0),
  (result.e2eMs.p99 ?? 0).toFixed(0),
  `${((result.withinSlo ?? 0) * 100).toFixed(1)}%`,
  result.hitRate.toFixed(3),
  result.imbalance.toFixed(2),
  (result.usdPerMillionTokens ?? 0).toFixed(3),
  perSecond.toFixed(0),
];

const line = (row: readonly string[]): string =>
  row.map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0] ?? 0) : cell.padStart(WIDTHS[index] ?? 0))).join(' ');
