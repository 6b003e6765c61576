import { createLatencyHistogram } from '../../report/latency-histogram.ts';
import type { FlowResult } from '../../report/result.ts';

/** Counts what flow control does. */
export interface Waits {
  readonly waited: (waitedMs: number) => void;
  readonly shed: (reason: string) => void;
  result(): FlowResult;
}

export function createWaits(): Waits {
  let waits: ReturnType<typeof createLatencyHistogram> | undefined;
  const shed = new Map<string, number>();
  return {
    waited: (waitedMs) => {
      if (waitedMs === 0) return;
      waits ??= createLatencyHistogram();
      waits.add(waitedMs);
    },
    shed: (reason) => void shed.set(reason, (shed.get(reason) ?? 0) + 1),
    result: () => ({
      waited: waits?.count ?? 0,
      waitMs: waits?.summary() ?? { mean: null, p50: null, p90: null, p95: null, p99: null },
      shed: Object.fromEntries([...shed].sort(([left], [right]) => (left < right ? -1 : 1))),
    }),
  };
}
