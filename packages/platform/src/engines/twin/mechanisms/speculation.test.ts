import { describe, expect, it } from 'vitest';
import { ask, coreWith, drain } from '../__fixtures__/small-engine.ts';

const steps = (acceptance: number, outputTokens = 41): { count: number; core: ReturnType<typeof coreWith> } => {
  const core = coreWith({ speculation: { tokens: 4, acceptance, draftMs: 2 } });
  const sequence = ask(core, { promptTokens: 8, outputTokens });
  let count = 0;
  drain(core, ({ emitted }) => {
    count += 1;
    for (const each of emitted) expect(each.computed).toBe(each.promptTokens + each.generated - 1);
  });
  expect(sequence.generated).toBe(outputTokens);
  return { count, core };
};

describe('speculative decoding', () => {
  it('takes one step per token where no draft is accepted, and a fifth of that where all of four are', () => {
    expect(steps(0).count).toBe(41);
    expect(steps(1).count).toBe(1 + 40 / 5);
  });

  it('accepts what its chance says: 1 + a + a² + a³ + a⁴ tokens a step', () => {
    const { count, core } = steps(0.7, 221);
    const { drafts, draftTokens, acceptedTokens, acceptedAt } = core.speculation?.counters ?? expect.fail('no speculation');

    expect(220 / (count - 1)).toBeGreaterThan(2.3);
    expect(220 / (count - 1)).toBeLessThan(3.3);
    expect(drafts).toBeLessThanOrEqual(count - 1);
    expect(draftTokens).toBeLessThanOrEqual(drafts * 4);
    expect(acceptedAt.reduce((sum, each) => sum + each, 0)).toBe(acceptedTokens);
    expect([...acceptedAt].sort((left, right) => right - left)).toEqual(acceptedAt);
  });

  it('makes a step longer: drafting takes its time, and drafted tokens are computed', () => {
    const plain = coreWith({});
    const drafting = coreWith({ speculation: { tokens: 4, acceptance: 0.5, draftMs: 2 } });
    const [slow, fast] = [drafting, plain].map((core) => {
      for (let index = 0; index < 4; index += 1) ask(core, { promptTokens: 4, outputTokens: 20 });
      core.step(0);
      return core.step(1);
    });

    expect(slow?.work).toMatchObject({ decodeSequences: 4, draftTokens: 16, addedMs: 2 });
    expect(slow?.durationMs).toBeGreaterThanOrEqual((fast?.durationMs ?? 0) + 2);
  });

  it('never drafts more than the budget of a step has room for', () => {
    const core = coreWith({ speculation: { tokens: 4, acceptance: 1 } }, { maxBatchedTokens: 7, maxNumSeqs: 3 });
    for (let index = 0; index < 3; index += 1) ask(core, { promptTokens: 2, outputTokens: 30 });

    drain(core, ({ work }) => expect(work.prefillTokens + work.decodeSequences + (work.draftTokens ?? 0)).toBeLessThanOrEqual(7));
  });
});
