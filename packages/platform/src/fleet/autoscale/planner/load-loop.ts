import type { FleetSample, ReplicaSample } from '../scaling-policy.ts';
import { createPassModel } from './pass-model.ts';

export interface LoadLoopOptions {
  readonly ttftMs: number;
  readonly itlMs: number;
  readonly sensitivity: number;
}

/** One replica more, one fewer, or none of both. */
export interface LoadLoop {
  observe(sample: FleetSample): -1 | 0 | 1;
}

/**
 * Learns from the passes of the engines how long one takes, estimates of each replica when a request that came now would have its
 * first token and how far its tokens would be apart, and acts when all replicas agree.
 */
export function createLoadLoop({ ttftMs, itlMs, sensitivity }: LoadLoopOptions): LoadLoop {
  const model = createPassModel();
  let before: FleetSample | undefined;
  return {
    observe: (sample) => {
      for (const { pass } of sample.replicas) if (pass !== undefined) model.observe(pass);
      const prompt = meanPrompt(before, sample);
      before ??= sample;
      if (sample.replicas.length === 0) return sample.held > 0 && sample.pending === 0 ? 1 : 0;
      const estimates = sample.replicas.map((replica) => ({ ttftMs: firstTokenMs(replica, prompt), itlMs: model.wallMs(0, replica.decodeTokens) }));
      if (estimates.every((each) => each.ttftMs > ttftMs) || estimates.every((each) => each.itlMs > itlMs)) return 1;
      return estimates.every((each) => each.ttftMs < ttftMs * sensitivity && each.itlMs < itlMs * sensitivity) ? -1 : 0;
    },
  };

  /** What waits and the new prompt itself, in passes of the size that the engine makes. */
  function firstTokenMs({ queuedTokens, decodeTokens }: ReplicaSample, prompt: number): number {
    const tokens = queuedTokens + prompt;
    const perPass = Math.min(tokens, model.mostPrefillTokens());
    return perPass <= 0 ? model.wallMs(0, decodeTokens) : (tokens / perPass) * model.wallMs(perPass, decodeTokens);
  }
}

function meanPrompt(first: FleetSample | undefined, { totals }: FleetSample): number {
  const requests = totals.requests - (first?.totals.requests ?? 0);
  const tokens = totals.inputTokens - totals.cachedTokens - ((first?.totals.inputTokens ?? 0) - (first?.totals.cachedTokens ?? 0));
  return requests <= 0 ? 0 : Math.max(0, tokens / requests);
}
