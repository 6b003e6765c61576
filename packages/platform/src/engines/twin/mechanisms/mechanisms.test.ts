import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, coreWith, drain } from '../__fixtures__/small-engine.ts';

const mechanisms = fc
  .record(
    {
      scheduling: fc.constantFrom('fcfs' as const, 'priority' as const),
      lora: fc.record({ maxLoras: fc.integer({ min: 1, max: 3 }), loadMs: fc.constant(5) }),
      slidingWindow: fc
        .integer({ min: 1, max: 4 })
        .chain((groups) => fc.record({ tokens: fc.integer({ min: 1, max: 40 }), groups: fc.constant(groups), fullGroups: fc.nat(groups - 1) })),
      kvOffload: fc.record({ cpuTokens: fc.integer({ min: 1, max: 200 }), diskTokens: fc.integer({ min: 1, max: 100 }) }),
      speculation: fc.record({ tokens: fc.integer({ min: 1, max: 5 }), acceptance: fc.double({ min: 0, max: 1, noNaN: true }) }),
    },
    { requiredKeys: [] },
  )
  .map(({ kvOffload, ...rest }) => (rest.slidingWindow !== undefined || kvOffload === undefined ? rest : { ...rest, kvOffload }));
const request = fc.record({
  prompt: fc.integer({ min: 1, max: 60 }),
  output: fc.integer({ min: 1, max: 20 }),
  family: fc.nat(3),
  adapter: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
  priority: fc.integer({ min: -2, max: 2 }),
  abortAt: fc.option(fc.nat(30), { nil: undefined }),
});

describe('mechanisms together', () => {
  it('never pass the limits, starve no one, and give all memory and all slots back', () => {
    fc.assert(
      fc.property(mechanisms, fc.array(request, { minLength: 1, maxLength: 20 }), fc.integer({ min: 24, max: 40 }), (wanted, requests, kvBlocks) => {
        const core = coreWith(wanted, { kvBlocks, maxBatchedTokens: 20, maxNumSeqs: 5 });
        const sequences = requests.map(({ prompt, output, family, adapter, priority }) =>
          ask(core, {
            promptTokens: prompt,
            outputTokens: output,
            adapter,
            priority,
            hashes: Array.from({ length: (prompt + output) >> 2 }, (_, index) => family * 1000 + index),
          }),
        );
        let steps = 0;
        drain(core, ({ work, emitted }) => {
          expect(work.prefillTokens + work.decodeSequences + (work.draftTokens ?? 0)).toBeLessThanOrEqual(20);
          expect(core.queues.running.length).toBeLessThanOrEqual(5);
          expect(core.adapters?.running().length ?? 0).toBeLessThanOrEqual(wanted.lora?.maxLoras ?? 0);
          for (const { generated, outputTokens, lastTokens } of emitted) {
            expect(generated).toBeLessThanOrEqual(outputTokens);
            expect(lastTokens).toBeGreaterThan(0);
          }
          for (const [index, sequence] of sequences.entries()) if (requests[index]?.abortAt === steps) core.abort(sequence);
          steps += 1;
        });

        for (const [index, sequence] of sequences.entries()) {
          expect(sequence.state).toBe('finished');
          if (requests[index]?.abortAt === undefined) expect(sequence.generated).toBe(requests[index]?.output);
          expect(sequence.cachedTokens).toBeLessThan(sequence.promptTokens);
        }
        expect(core.kv.freeBlocks).toBe(core.kv.blocks);
        expect(core.adapters?.running() ?? []).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
