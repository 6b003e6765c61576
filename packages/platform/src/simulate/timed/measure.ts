import type { GapListener } from '#engines';
import { createLatencyHistogram } from '../report/latency-histogram.ts';
import type { FleetResult, PolicyResult, Slo } from '../report/result.ts';
import type { TraceRequest } from '../trace/trace-request.ts';
import { createWaits } from './flow/waits.ts';

/** Told what happens to requests. */
export interface RequestMeasure {
  arrived(request: TraceRequest, atMs: number): void;
  rejected(): void;
  /** Turned away, and why. */
  shed(reason: string): void;
  /** Let go by flow control, so long after it came; 0 where it did not have to wait. */
  waited(waitedMs: number): void;
  token(gapMs: number): void;
  finished(request: FinishedRequest): void;
}

export interface FinishedRequest {
  readonly arrivalMs: number;
  readonly admittedMs: number;
  readonly firstTokenMs: number;
  readonly endMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly expectedTokens: number;
}

/** Collects what happens to the requests of one run. */
export interface Measure extends RequestMeasure {
  readonly gaps: GapListener;
  result(run: RunFacts): PolicyResult;
}

/** Whether a request that has ended is counted as good. */
export function isGood({ arrivalMs, firstTokenMs, endMs, outputTokens }: FinishedRequest, slo: Slo | undefined): boolean {
  const gapMs = outputTokens > 1 ? (endMs - firstTokenMs) / (outputTokens - 1) : 0;
  return firstTokenMs - arrivalMs <= (slo?.ttftMs ?? Number.POSITIVE_INFINITY) && gapMs <= (slo?.itlMs ?? Number.POSITIVE_INFINITY);
}

interface RunFacts {
  readonly policy: string;
  readonly kvBlocks: number;
  readonly computedTokens: readonly number[];
  readonly preemptions: number;
  readonly longestQueue: number;
  readonly gpus: number;
  readonly gpuUsdPerHour: number | undefined;
  readonly fleet?: FleetResult;
  /** The gateway has controlled the flow. */
  readonly hasFlow: boolean;
}

export function createMeasure(slo: Slo | undefined): Measure {
  const ttft = createLatencyHistogram();
  const e2e = createLatencyHistogram();
  const itl = createLatencyHistogram();
  const waits = createWaits();
  const sums = {
    arrived: 0,
    firstArrivalMs: 0,
    lastArrivalMs: 0,
    completed: 0,
    rejected: 0,
    shed: 0,
    queueMs: 0,
    e2eMs: 0,
    good: 0,
    input: 0,
    output: 0,
    cached: 0,
    expected: 0,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: 0,
  };
  return {
    arrived: (_request, atMs) => {
      if (sums.arrived === 0) sums.firstArrivalMs = atMs;
      sums.arrived += 1;
      sums.lastArrivalMs = atMs;
    },
    shed: (reason) => {
      sums.shed += 1;
      waits.shed(reason);
    },
    waited: waits.waited,
    rejected: () => {
      sums.rejected += 1;
    },
    gaps: ({ firstMs, growthMs, steps, sequences }) => itl.addRange({ firstMs, growthMs, steps, times: sequences }),
    token: itl.add,
    finished: (request) => {
      ttft.add(request.firstTokenMs - request.arrivalMs);
      e2e.add(request.endMs - request.arrivalMs);
      sums.e2eMs += request.endMs - request.arrivalMs;
      sums.queueMs += Math.max(0, request.admittedMs - request.arrivalMs);
      sums.completed += 1;
      if (isGood(request, slo)) sums.good += 1;
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
      const usd = run.gpuUsdPerHour === undefined ? undefined : (run.fleet?.gpuHours ?? (run.gpus * makespanMs) / 3_600_000) * run.gpuUsdPerHour;
      const perMillion = (tokens: number): number | null => (usd === undefined || tokens === 0 ? null : (usd * 1e6) / tokens);
      const requests = sums.arrived;
      const hasSlo = slo?.ttftMs !== undefined || slo?.itlMs !== undefined;
      return {
        policy: run.policy,
        kvBlocks: run.kvBlocks,
        requests,
        completed: sums.completed,
        rejected: sums.rejected,
        shed: sums.shed,
        offeredPerS: offeredPerS(sums),
        ttftCurve: ttft.curve(CURVE_POINTS),
        queueMs: sums.completed === 0 ? 0 : sums.queueMs / sums.completed,
        collapsed: sums.queueMs > sums.e2eMs / 2,
        makespanMs,
        ttftMs: ttft.summary(),
        itlMs: itl.summary(),
        e2eMs: e2e.summary(),
        requestsPerS: perS(sums.completed),
        outputTokensPerS: perS(sums.output),
        goodputPerS: hasSlo ? perS(sums.good) : null,
        withinSlo: hasSlo && requests > 0 ? sums.good / requests : null,
        hitRate: sums.input === 0 ? 0 : sums.cached / sums.input,
        expectedHitRate: sums.input === 0 ? 0 : sums.expected / sums.input,
        imbalance: imbalanceOf(run.computedTokens),
        preemptions: run.preemptions,
        longestQueue: run.longestQueue,
        usdPerMillionTokens: perMillion(sums.input + sums.output),
        usdPerMillionOutputTokens: perMillion(sums.output),
        ...(run.fleet === undefined ? {} : { fleet: run.fleet }),
        ...(run.hasFlow ? { flow: waits.result() } : {}),
      };
    },
  };
}

const CURVE_POINTS = 100;

const offeredPerS = (sums: { arrived: number; firstArrivalMs: number; lastArrivalMs: number }): number =>
  sums.lastArrivalMs === sums.firstArrivalMs ? 0 : ((sums.arrived - 1) * 1000) / (sums.lastArrivalMs - sums.firstArrivalMs);

/** Most over mean; 1 when nothing was done. */
export function imbalanceOf(work: readonly number[]): number {
  const total = work.reduce((sum, each) => sum + each, 0);
  return total === 0 ? 1 : (Math.max(...work) * work.length) / total;
}
