import { describe, expect, it } from 'vitest';
import { twinProfile } from '#engines';
import { simulateTrace } from '../../simulate-trace.ts';
import { readTrace } from '../../trace/read-trace.ts';
import { DEFAULT_FLEET } from './fleet-options.ts';

const SLO = { ttftMs: 4000, itlMs: 400 };
const whole = await readTrace(new URL('../../../../../../bench/data/traces/azure-llm-2023-conv.csv', import.meta.url).pathname);
/** Every fourth request of the first 25 minutes, on an engine that is an eighth as fast: the same load with fewer events. */
const trace = { ...whole, requests: whole.requests.filter(({ atMs }, index) => index % 4 === 0 && atMs < 1_500_000) };
const fast = twinProfile('l40s-llama-3.1-8b');
const profile = {
  ...fast,
  prefillTokensPerS: fast.prefillTokensPerS / 8,
  weightReadMs: fast.weightReadMs * 8,
  kvReadNsPerToken: fast.kvReadNsPerToken * 8,
  perSequenceMs: fast.perSequenceMs * 8,
  attentionNsPerPair: fast.attentionNsPerPair * 8,
};

/** The planner's loop over the load. */
function play({ everyS, startS, replicas }: { readonly everyS: number; readonly startS: number; readonly replicas: number }): {
  readonly p90Ms: number;
  readonly changes: number;
} {
  const { timed } = simulateTrace({
    trace,
    replicas,
    policies: ['least-request'],
    profile,
    fleet: {
      ...DEFAULT_FLEET,
      coldStart: { nodeMs: 0, imageMs: 0, weightsMs: startS * 1000 },
      scaling: { policy: 'dynamo-planner', everyMs: everyS * 1000, planner: { ...SLO, loops: 'load' } },
    },
  });
  const [result] = timed;
  return { p90Ms: result?.ttftMs.p90 ?? 0, changes: (result?.fleet?.scaleUps ?? 0) + (result?.fleet?.scaleDowns ?? 0) };
}

const NONE = { p90Ms: Number.NaN, changes: Number.NaN };

describe('the planner on the Azure trace', () => {
  it('changes the fleet less often the longer its interval is, at the same latency until the interval is too long', () => {
    const [second = NONE, ten = NONE, minutes = NONE] = [1, 10, 300].map((everyS) => play({ everyS, startS: 10, replicas: 1 }));

    expect(second.changes).toBeGreaterThan(ten.changes * 1.5);
    expect(ten.changes).toBeGreaterThan(minutes.changes * 1.5);
    expect(ten.p90Ms).toBeLessThan(second.p90Ms * 3);
    expect(minutes.p90Ms).toBeGreaterThan(ten.p90Ms * 2);
  });

  it('falls off a cliff when a start takes too long', () => {
    const [soon = NONE, later = NONE, late = NONE] = [1, 60, 300].map((startS) => play({ everyS: 5, startS, replicas: 4 }));

    expect(later.p90Ms).toBeGreaterThan(soon.p90Ms);
    expect(late.p90Ms).toBeGreaterThan(later.p90Ms);
    expect(late.p90Ms).toBeGreaterThan(soon.p90Ms * 10);
  });
});
