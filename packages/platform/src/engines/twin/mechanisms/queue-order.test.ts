import { describe, expect, it } from 'vitest';
import { ask, coreWith, drain } from '../__fixtures__/small-engine.ts';

describe('scheduling by priority', () => {
  it('serves the lowest value first, and of equal ones the oldest', () => {
    const core = coreWith({ scheduling: 'priority' }, { maxNumSeqs: 1 });
    const [late, low, high, old] = [
      { priority: 0, arrivalMs: 3 },
      { priority: 5, arrivalMs: 0 },
      { priority: -2, arrivalMs: 4 },
      { priority: 0, arrivalMs: 1 },
    ].map((options) => ask(core, { promptTokens: 4, outputTokens: 2, ...options }));
    const order: unknown[] = [];

    drain(core, ({ emitted }) => {
      for (const sequence of emitted) if (sequence.state === 'finished') order.push(sequence);
    });

    expect(order).toEqual([high, old, late, low]);
  });

  it('takes the blocks of the least important when memory runs out, although it came first', () => {
    const core = coreWith({ scheduling: 'priority' }, { kvBlocks: 6 });
    const unimportant = ask(core, { promptTokens: 8, outputTokens: 12, priority: 9 });
    const important = ask(core, { promptTokens: 8, outputTokens: 12, priority: 1, arrivalMs: 1 });

    drain(core);

    expect(important.preemptions).toBe(0);
    expect(unimportant.preemptions).toBeGreaterThan(0);
    expect([important.generated, unimportant.generated]).toEqual([12, 12]);
    expect(core.kv.freeBlocks).toBe(6);
  });

  it('gives the tokens of who gives way in the middle of a step back to the others', () => {
    const core = coreWith({ scheduling: 'priority' }, { kvBlocks: 8, maxBatchedTokens: 64 });
    const first = ask(core, { promptTokens: 12, outputTokens: 9, priority: 9 });
    const second = ask(core, { promptTokens: 16, outputTokens: 5, priority: 1 });
    core.step(0);
    // Both now want a new block, and one is left: the first takes it, then gives way to the second.
    const works = [core.step(1), core.step(2), core.step(3), core.step(4), core.step(5)];

    expect(first.preemptions + second.preemptions).toBe(first.preemptions);
    expect(works.every((step) => step === undefined || step.work.decodeSequences === step.emitted.length - (step.work.prefillTokens > 0 ? 1 : 0))).toBe(true);
    drain(core);
    expect(core.kv.freeBlocks).toBe(8);
  });

  it('does not look at priorities where it serves in order of arrival', () => {
    const core = coreWith({}, { maxNumSeqs: 1 });
    const first = ask(core, { promptTokens: 4, outputTokens: 2, priority: 9 });
    const second = ask(core, { promptTokens: 4, outputTokens: 2, priority: 0 });

    drain(core);

    expect(first.lastTokenMs).toBeLessThanOrEqual(second.firstTokenMs);
    expect(first.firstTokenMs).toBeLessThan(second.firstTokenMs);
  });
});
