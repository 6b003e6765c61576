import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drain } from './__fixtures__/small-engine.ts';
import type { TwinCoreOptions } from './engine-parts.ts';
import { twinProfile } from './profile.ts';
import type { Sequence, SequenceListener } from './sequence.ts';
import { createTwinCore, type TwinCore } from './twin-core.ts';

const listener: SequenceListener = { onToken: () => undefined, onFinish: () => undefined };
const profile = twinProfile('h100-llama-3.1-8b');

const coreOf = (options: Partial<TwinCoreOptions> = {}): TwinCore =>
  createTwinCore({ profile, blockSize: 4, kvBlocks: 64, maxBatchedTokens: 32, maxNumSeqs: 8, ...options });

const add = (core: TwinCore, promptTokens: number, outputTokens: number, hashes: readonly number[] = []): Sequence =>
  core.add({ promptTokens, outputTokens, hashes, listener, arrivalMs: 0 });

describe('twin core', () => {
  it('does nothing when there is nothing to do', () => {
    expect(coreOf().step(0)).toBeUndefined();
  });

  it('cuts a long prompt into chunks of the token budget and gives the first token after the last of them', () => {
    const core = coreOf();
    const sequence = add(core, 80, 2);
    const chunks: number[] = [];
    const emitted: number[] = [];

    drain(core, (step) => {
      chunks.push(step.work.prefillTokens);
      emitted.push(step.emitted.length);
    });

    expect(chunks).toEqual([32, 32, 16, 0]);
    expect(emitted).toEqual([0, 0, 1, 1]);
    expect(sequence).toMatchObject({ state: 'finished', generated: 2, computed: 81 });
  });

  it('decodes the running sequences in the same step in which it computes a prompt', () => {
    const core = coreOf();
    add(core, 8, 10);
    core.step(0);
    add(core, 100, 1);

    const step = core.step(1);

    expect(step?.work).toMatchObject({ decodeSequences: 1, prefillTokens: 31 });
  });

  it('runs no more sequences at once than allowed, first come, first served', () => {
    const core = coreOf({ maxNumSeqs: 2 });
    const sequences = [1, 2, 3].map(() => add(core, 4, 3));

    core.step(0);

    expect(sequences.map((sequence) => sequence.state)).toEqual(['running', 'running', 'waiting']);
    drain(core);
    expect(sequences.map((sequence) => sequence.firstTokenMs)).toEqual([...sequences.map((sequence) => sequence.firstTokenMs)].sort((a, b) => a - b));
  });

  it('takes what it computed before out of the cache, but always computes the last token', () => {
    const core = coreOf();
    add(core, 16, 1, [1, 2, 3, 4]);
    drain(core);

    const again = add(core, 16, 1, [1, 2, 3, 4]);
    const longer = add(core, 18, 1, [1, 2, 3, 4]);
    drain(core);

    expect(again.cachedTokens).toBe(12);
    expect(longer.cachedTokens).toBe(16);
    expect(core.counters).toMatchObject({ queriedTokens: 50, hitTokens: 28 });
  });

  it('preempts the youngest sequence when blocks run out, and computes it again to the end', () => {
    const core = coreOf({ kvBlocks: 6 });
    const old = add(core, 8, 12);
    const young = add(core, 8, 12);

    drain(core);

    expect(core.counters.preemptions).toBeGreaterThan(0);
    expect(old.preemptions).toBe(0);
    expect(young.preemptions).toBeGreaterThan(0);
    expect([old.generated, young.generated]).toEqual([12, 12]);
    expect(core.kv.freeBlocks).toBe(6);
  });

  it('frees the blocks of an aborted sequence at once, also in the middle of a step', () => {
    const core = coreOf();
    const sequence = add(core, 20, 5);
    const other = add(core, 4, 2);
    core.begin(0);

    core.abort(sequence);
    core.abort(sequence);

    expect(core.kv.freeBlocks).toBe(63);
    expect(core.end(1)).toEqual([other]);
    drain(core);
    expect(sequence.generated).toBe(0);
    expect(core.kv.freeBlocks).toBe(64);
  });

  it('refuses what can never fit', () => {
    expect(() => add(coreOf(), 250, 7)).toThrow(expect.objectContaining({ code: 'context_length_exceeded' }));
    expect(() => add(coreOf(), 250, 6)).not.toThrow();
  });

  it('never passes its limits, starves no one, and gives all memory back, whatever is asked and aborted', () => {
    const request = fc.record({
      prompt: fc.integer({ min: 1, max: 60 }),
      output: fc.integer({ min: 1, max: 20 }),
      family: fc.nat(3),
      abortAt: fc.option(fc.nat(30)),
    });
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 20, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (requests, kvBlocks, maxBatchedTokens) => {
          const core = coreOf({ kvBlocks, maxBatchedTokens, maxNumSeqs: 5 });
          const sequences = requests.map(({ prompt, output, family }) =>
            add(
              core,
              prompt,
              output,
              Array.from({ length: Math.floor(prompt / 4) }, (_, index) => family * 1000 + index),
            ),
          );
          const admitted: Sequence[] = [];
          let steps = 0;
          drain(core, (step) => {
            expect(step.work.prefillTokens + step.work.decodeSequences).toBeLessThanOrEqual(maxBatchedTokens);
            expect(core.queues.running.length).toBeLessThanOrEqual(5);
            expect(step.durationMs).toBeGreaterThan(0);
            for (const [index, sequence] of sequences.entries()) {
              if (sequence.admittedMs >= 0 && !admitted.includes(sequence)) admitted.push(sequence);
              if (requests[index]?.abortAt === steps) core.abort(sequence);
            }
            steps += 1;
          });

          for (const [index, sequence] of sequences.entries()) {
            expect(sequence.state).toBe('finished');
            if (requests[index]?.abortAt === null) expect(sequence.generated).toBe(requests[index]?.output);
            expect(sequence.cachedTokens).toBeLessThan(sequence.promptTokens);
          }
          // First come, first served: whoever was admitted was admitted in order of arrival.
          expect(admitted).toEqual(sequences.filter((sequence) => admitted.includes(sequence)));
          expect(core.kv.freeBlocks).toBe(kvBlocks);
        },
      ),
      { numRuns: 80 },
    );
  });
});
