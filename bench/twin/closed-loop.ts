import { createTwinCore, type Sequence, type TwinProfile } from '../../packages/platform/src/engines/index.ts';

export interface ClosedLoopResult {
  readonly ttftMedianMs: number;
  readonly itlMeanMs: number;
  readonly outputTokensPerS: number;
}

export interface ClosedLoop {
  readonly profile: TwinProfile;
  readonly concurrency: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly requests: number;
}

/** Clients that each send the next request when the last one has ended, on the twin's state machine in virtual time; no prompt is cached. */
export function closedLoop(load: ClosedLoop): ClosedLoopResult {
  const { profile, requests } = load;
  const core = createTwinCore({ profile, prefixCaching: false });
  const ttftMs: number[] = [];
  const itlMs: number[] = [];
  /** Times at which requests reach the scheduler, in order. */
  const arrivals: number[] = Array.from({ length: Math.min(load.concurrency, requests) }, () => profile.requestOverheadMs);
  let sent = arrivals.length;
  let tokens = 0;
  let nowMs = 0;
  const last = new Map<Sequence, number>();
  const listener = {
    onToken: (sequence: Sequence, atMs: number): void => {
      const before = last.get(sequence);
      if (before === undefined) ttftMs.push(atMs - sequence.arrivalMs);
      else itlMs.push(atMs - before);
      last.set(sequence, atMs);
      tokens += 1;
    },
    onFinish: (sequence: Sequence, atMs: number): void => {
      last.delete(sequence);
      if (sent >= requests) return;
      sent += 1;
      arrivals.push(atMs + profile.requestOverheadMs);
    },
  };
  while (true) {
    while (arrivals.length > 0 && (arrivals[0] ?? 0) <= nowMs) {
      const arrivalMs = (arrivals.shift() ?? 0) - profile.requestOverheadMs;
      core.add({ promptTokens: load.inputTokens, outputTokens: load.outputTokens, hashes: [], arrivalMs, listener });
    }
    const work = core.begin(nowMs);
    if (work === undefined) {
      const next = arrivals[0];
      if (next === undefined) break;
      nowMs = next;
      continue;
    }
    nowMs += core.durationMs(work);
    for (const sequence of core.end(nowMs)) {
      sequence.listener.onToken(sequence, nowMs);
      if (sequence.generated >= sequence.outputTokens) sequence.listener.onFinish(sequence, nowMs);
    }
  }
  ttftMs.sort((left, right) => left - right);
  return {
    ttftMedianMs: ttftMs[Math.floor(ttftMs.length / 2)] ?? 0,
    itlMeanMs: itlMs.reduce((sum, value) => sum + value, 0) / Math.max(1, itlMs.length),
    outputTokensPerS: (tokens * 1000) / nowMs,
  };
}
