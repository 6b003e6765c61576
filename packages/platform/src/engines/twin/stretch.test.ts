import type { TwinMechanisms } from '@maru/api/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { twinProfile } from './profile.ts';
import type { Sequence } from './sequence.ts';
import { createTwinCore } from './twin-core.ts';
import { createTwinDriver } from './twin-driver.ts';

interface Load {
  readonly atMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly family: number;
  /** Aborted so long after its arrival, if it still runs. */
  readonly abortMs: number | undefined;
}

interface Outcome {
  readonly firstMs: number[];
  readonly endMs: number[];
  readonly cached: number[];
  readonly freeBlocks: number[];
  readonly preemptions: number;
  readonly gaps: number;
  readonly gapSumMs: number;
}

/** Plays the load on an engine, with equal steps in one event or each on its own. */
async function play(load: readonly Load[], stretches: boolean, mechanisms?: TwinMechanisms): Promise<Outcome> {
  const clock = createFakeClock();
  const core = createTwinCore({
    profile: { ...twinProfile('h100-llama-3.1-8b'), mechanisms },
    blockSize: 4,
    kvBlocks: 60,
    maxBatchedTokens: 32,
    maxNumSeqs: 4,
  });
  const outcome = { firstMs: [] as number[], endMs: [] as number[], cached: [] as number[], freeBlocks: [] as number[], gaps: 0, gapSumMs: 0 };
  const driver = createTwinDriver({
    core,
    clock,
    requestOverheadMs: 3,
    ...(stretches
      ? {
          onGaps: ({ firstMs, growthMs, steps, sequences }): void => {
            outcome.gaps += steps * sequences;
            outcome.gapSumMs += sequences * (steps * firstMs + (growthMs * steps * (steps - 1)) / 2);
          },
        }
      : {}),
  });
  load.forEach(({ atMs, promptTokens, outputTokens, family, abortMs }, index) => {
    clock.schedule(atMs, () => {
      driver.sync();
      outcome.freeBlocks.push(core.kv.freeBlocks);
      const abort = driver.submit({
        promptTokens,
        outputTokens,
        priority: family,
        adapter: `adapter-${family}`,
        hashes: Array.from({ length: Math.floor((promptTokens + outputTokens) / 4) }, (_, block) => family * 1000 + block),
        listener: {
          onToken: (sequence: Sequence, tokenMs: number): void => {
            if (sequence.generated === 1) outcome.firstMs[index] = tokenMs;
            else {
              outcome.gaps += 1;
              outcome.gapSumMs += tokenMs - sequence.lastTokenMs;
            }
          },
          onFinish: (sequence: Sequence, endMs: number): void => {
            outcome.endMs[index] = endMs;
            outcome.cached[index] = sequence.cachedTokens;
          },
        },
      });
      if (abortMs !== undefined) clock.schedule(abortMs, abort);
    });
  });
  await clock.advance(60_000);
  return { ...outcome, preemptions: core.counters.preemptions };
}

const loads = fc.array(
  fc.record({
    atMs: fc.integer({ min: 0, max: 1500 }),
    promptTokens: fc.integer({ min: 1, max: 90 }),
    outputTokens: fc.integer({ min: 1, max: 120 }),
    family: fc.integer({ min: 1, max: 3 }),
    abortMs: fc.option(fc.integer({ min: 5, max: 400 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 12 },
);

/** None, those under which steps still pass together, and one under which they do not. */
const mechanisms = fc.constantFrom<(TwinMechanisms | undefined)[]>(
  undefined,
  { scheduling: 'priority', lora: { maxLoras: 2, loadMs: 3, adapters: [] } },
  { slidingWindow: { tokens: 12, groups: 1, fullGroups: 0 } },
);

describe('steps that pass in one event', () => {
  it('change nothing of what happens, and when: not the tokens, the cache, the memory, nor the preemptions', async () => {
    await fc.assert(
      fc.asyncProperty(loads, mechanisms, async (load, wanted) => {
        const [single, whole] = [await play(load, false, wanted), await play(load, true, wanted)];

        expect(whole.freeBlocks).toEqual(single.freeBlocks);
        expect(whole.cached).toEqual(single.cached);
        expect(whole.preemptions).toBe(single.preemptions);
        expect(whole.gaps).toBe(single.gaps);
        expect(whole.gapSumMs).toBeCloseTo(single.gapSumMs, 6);
        expect(whole.endMs.length).toBe(single.endMs.length);
        for (const [index, endMs] of single.endMs.entries()) if (endMs !== undefined) expect(whole.endMs[index]).toBeCloseTo(endMs, 6);
        for (const [index, firstMs] of single.firstMs.entries()) if (firstMs !== undefined) expect(whole.firstMs[index]).toBeCloseTo(firstMs, 6);
      }),
      { numRuns: 150 },
    );
  });
});
