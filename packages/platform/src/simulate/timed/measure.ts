import { createLatencyHistogram } from '../report/latency-histogram.ts';
import { summarise } from '../report/percentiles.ts';
import type { PolicyResult, Slo } from '../report/result.ts';

/** Collects what happens to the requests of one run. */
export interface Measure {
  rejected(): void;
  token(gapMs: number): void;
  finished(request: {
    arrivalMs: number;
    firstTokenMs: number;
    endMs: number;
    inputTokens: number;
    outputTokens: number;
    cachedTokens: number;
    expectedTokens: number;
  }): void;
  result(run: RunFacts): PolicyResult;
}

interface RunFacts {
  readonly policy: string;
  readonly requests: number;
  readonly computedTokens: readonly number[];
  readonly preemptions: number;
  readonly longestQueue: number;
  readonly gpus: number;
  readonly gpuUsdPerHour: number | undefined;
}

export function createMeasure(requests: number, slo: Slo | undefined): Measure {
  const ttft = new Float64Array(requests);
  const e2e = new Float64Array(requests);
  const itl = createLatencyHistogram();
  const sums = { completed: 0, rejected: 0, good: 0, input: 0, output: 0, cached: 0, expected: 0, firstMs: Number.POSITIVE_INFINITY, lastMs: 0 };
  return {
    rejected: () => {
      sums.rejected += 1;
    },
    token: itl.add,
    finished: (request) => {
      const first = request.firstTokenMs - request.arrivalMs;
      const gap = request.outputTokens > 1 ? (request.endMs - request.firstTokenMs) / (request.outputTokens - 1) : 0;
      ttft[sums.completed] = first;
      e2e[sums.completed] = request.endMs - request.arrivalMs;
      sums.completed += 1;
      if (first <= (slo?.ttftMs ?? Number.POSITIVE_INFINITY) && gap <= (slo?.itlMs ?? Number.POSITIVE_INFINITY)) sums.good += 1;
      sums.input += request.inputTokens;
      sums.output += request.outputTokens;
      sums.cached += request.cachedTokens;
      sums.expected += request.expectedTokens;
      sums.firstMs = Math.min(sums.firstMs, request.arrivalMs);
      sums.lastMs = Math.max(sums.lastMs, request.endMs);
    },
    result: (run) => {
      const makespanMs = Math.max(0, sums.lastMs - Math.min(sums.firstMs, sums.lastMs));
      const perS = (count: number): number => (makespanMs === 0 ? 0 : (count * 1000) / makespanMs);
      const usd = run.gpuUsdPerHour === undefined ? undefined : (run.gpus * run.gpuUsdPerHour * makespanMs) / 3_600_000;
      const perMillion = (tokens: number): number | null => (usd === undefined || tokens === 0 ? null : (usd * 1e6) / tokens);
      const hasSlo = slo?.ttftMs !== undefined || slo?.itlMs !== undefined;
      return {
        policy: run.policy,
        requests: run.requests,
        completed: sums.completed,
        rejected: sums.rejected,
        makespanMs,
        ttftMs: summarise(ttft.subarray(0, sums.completed)),
        itlMs: itl.summary(),
        e2eMs: summarise(e2e.subarray(0, sums.completed)),
        requestsPerS: perS(sums.completed),
        outputTokensPerS: perS(sums.output),
        goodputPerS: hasSlo ? perS(sums.good) : null,
        withinSlo: hasSlo && run.requests > 0 ? sums.good / run.requests : null,
        hitRate: sums.input === 0 ? 0 : sums.cached / sums.input,
        expectedHitRate: sums.input === 0 ? 0 : sums.expected / sums.input,
        imbalance: imbalanceOf(run.computedTokens),
        preemptions: run.preemptions,
        longestQueue: run.longestQueue,
        usdPerMillionTokens: perMillion(sums.input + sums.output),
        usdPerMillionOutputTokens: perMillion(sums.output),
      };
    },
  };
}

/** Most over mean; 1 when nothing was done. */
export function imbalanceOf(work: readonly number[]): number {
  const total = work.reduce((sum, each) => sum + each, 0);
  return total === 0 ? 1 : (Math.max(...work) * work.length) / total;
}
