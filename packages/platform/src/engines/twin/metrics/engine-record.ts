import { createHistogram, type Histogram } from './histogram.ts';

const LATENCY_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];

/** How a request ended, and what it took. */
export interface EndedRequest {
  readonly outcome: 'stop' | 'length' | 'abort';
  readonly e2eMs: number;
  readonly queueMs: number;
  readonly promptTokens: number;
  readonly generationTokens: number;
  readonly cachedTokens: number;
}

/** What the requests of one engine have seen, under no engine's names yet. */
export interface EngineRecord {
  readonly ttft: Histogram;
  readonly itl: Histogram;
  readonly e2e: Histogram;
  readonly queue: Histogram;
  readonly ended: Readonly<Record<EndedRequest['outcome'], number>>;
  readonly tokens: { readonly prompt: number; readonly generation: number; readonly cached: number };
  finished(request: EndedRequest): void;
}

export function createEngineRecord(): EngineRecord {
  const [ttft, itl] = [createHistogram(LATENCY_BUCKETS_S), createHistogram(LATENCY_BUCKETS_S)];
  const [e2e, queue] = [createHistogram(LATENCY_BUCKETS_S), createHistogram(LATENCY_BUCKETS_S)];
  const ended = { stop: 0, length: 0, abort: 0 };
  const tokens = { prompt: 0, generation: 0, cached: 0 };
  return {
    ttft,
    itl,
    e2e,
    queue,
    ended,
    tokens,
    finished: (request) => {
      ended[request.outcome] += 1;
      tokens.prompt += request.promptTokens;
      tokens.generation += request.generationTokens;
      tokens.cached += request.cachedTokens;
      e2e.observe(request.e2eMs / 1000);
      queue.observe(request.queueMs / 1000);
    },
  };
}
