import { describe, expect, it } from 'vitest';
import { twinProfile } from '#engines';
import { timedRun } from '../timed/timed-run.ts';
import { type SharedPrefixLoad, sharedPrefixLoad } from './shared-prefix.ts';

const load: SharedPrefixLoad = {
  groups: 3,
  promptsPerGroup: 2,
  prefixTokens: 600,
  questionTokens: 200,
  outputTokens: 50,
  arrivals: 'constant',
  stages: [
    { ratePerS: 4, seconds: 3 },
    { ratePerS: 8, seconds: 2 },
  ],
  seed: 1,
};

describe('a load with shared prefixes', () => {
  it('sends each prompt of a fixed set in turn, and the prompts of a group begin alike', () => {
    const requests = [...sharedPrefixLoad(load).requests];

    expect(requests).toHaveLength(12 + 16);
    expect(requests.every(({ inputTokens, blocks }) => inputTokens === 800 && blocks.length === 8)).toBe(true);
    expect(requests[6]?.blocks).toEqual(requests[0]?.blocks);
    expect(new Set(requests.map(({ blocks }) => blocks.join())).size).toBe(6);
    expect(new Set(requests.map(({ blocks }) => blocks.slice(0, 6).join())).size).toBe(3);
    expect([...sharedPrefixLoad(load).requests]).toEqual(requests);
  });

  it('begins a stage when all requests of the one before it have ended, and measures each on its own', () => {
    const { result, stages } = timedRun({
      trace: sharedPrefixLoad(load),
      policy: 'round-robin',
      replicas: 1,
      profile: twinProfile('h100-llama-3.1-8b'),
      kvBlocks: 1000,
      maxBatchedTokens: 8192,
      maxNumSeqs: 256,
      seed: 1,
      slo: undefined,
      gpuUsdPerHour: undefined,
      rateScale: 1,
    });

    expect([...stages].map(([name, stage]) => [name, stage.completed])).toEqual([
      ['0: 4/s', 12],
      ['1: 8/s', 16],
    ]);
    expect(result.completed).toBe(28);
    // The first stage ends with the last token of a request that arrived at its end.
    const [first, second] = [...stages.values()];
    expect(first?.makespanMs).toBeGreaterThan(2750 + 50 * 7);
    expect(result.makespanMs).toBeGreaterThan((first?.makespanMs ?? 0) + (second?.makespanMs ?? 0));
    expect(stages.get('1: 8/s')?.hitRate).toBeGreaterThan(0.8);
  });
});
