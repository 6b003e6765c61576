import { describe, expect, it } from 'vitest';
import { ask, coreWith, drain } from '../__fixtures__/small-engine.ts';

const chain = (count: number, family = 1): readonly number[] => Array.from({ length: count }, (_, index) => family * 1000 + index);

describe('a sliding window', () => {
  it('holds no more blocks than the window and a step need, however long the text becomes', () => {
    const core = coreWith({ slidingWindow: { tokens: 16 } });
    const sequence = ask(core, { promptTokens: 100, outputTokens: 60, hashes: chain(40) });
    let most = 0;

    drain(core, () => {
      most = Math.max(most, core.kv.blocks - core.kv.freeBlocks);
    });

    expect(sequence.generated).toBe(60);
    // 16 tokens of the window and 32 of a step.
    expect(most).toBeLessThanOrEqual((16 + 32) / 4 + 2);
    expect(core.kv.freeBlocks).toBe(64);
  });

  it('takes a request that is longer than its memory, and a hybrid model does not', () => {
    expect(() => ask(coreWith({ slidingWindow: { tokens: 16 } }), { promptTokens: 400, outputTokens: 10 })).not.toThrow();
    const hybrid = coreWith({ slidingWindow: { tokens: 16, groups: 2, fullGroups: 1 } });
    expect(() => ask(hybrid, { promptTokens: 600, outputTokens: 10 })).toThrow(expect.objectContaining({ code: 'context_length_exceeded' }));
    // The groups share the memory: the one with the whole context may have more than its half.
    expect(() => ask(hybrid, { promptTokens: 380, outputTokens: 10 })).not.toThrow();
  });

  it('finds a prefix by its last window alone where every layer has one', () => {
    const core = coreWith({ slidingWindow: { tokens: 9 } }, { kvBlocks: 14 });
    ask(core, { promptTokens: 40, outputTokens: 1, hashes: chain(10) });
    drain(core);
    // The beginning has been evicted by another text; the last two blocks are enough for the next token.
    ask(core, { promptTokens: 40, outputTokens: 1, hashes: chain(10, 2) });
    drain(core);

    expect(core.kv.has(1000)).toBe(false);
    expect(core.match(chain(10), 10)).toBe(10);
    expect(core.match(chain(3), 3)).toBe(0);
    const again = ask(core, { promptTokens: 41, outputTokens: 2, hashes: chain(10) });
    drain(core);
    expect(again.cachedTokens).toBe(40);
  });

  it('needs the whole prefix of the layers that see all of it', () => {
    const core = coreWith({ slidingWindow: { tokens: 9, groups: 3, fullGroups: 1 } }, { kvBlocks: 40 });
    ask(core, { promptTokens: 40, outputTokens: 1, hashes: chain(10) });
    drain(core);

    expect(core.match(chain(10), 10)).toBe(10);
    expect(core.match(chain(10), 7)).toBe(7);
    expect(core.match([9, ...chain(10).slice(1)], 10)).toBe(0);
    expect(core.kv.freeBlocks).toBe(120);
  });

  it('reads less context, so its steps are shorter', () => {
    const [window, whole] = [coreWith({ slidingWindow: { tokens: 16 } }), coreWith({})].map((core) => {
      ask(core, { promptTokens: 120, outputTokens: 20 });
      return drain(core);
    });

    expect(window).toBeLessThan(whole ?? 0);
  });

  it('tells events of one group only', () => {
    const told: number[] = [];
    const observer = {
      stored: (hashes: ArrayLike<number>, index: number) => void told.push(hashes[index] ?? -1),
      removed: (hash: number) => void told.push(-hash),
      cleared: () => undefined,
    };
    const core = coreWith({ slidingWindow: { tokens: 9, groups: 3, fullGroups: 1 } }, { kvBlocks: 12, kvObserver: observer });
    ask(core, { promptTokens: 20, outputTokens: 1, hashes: chain(5) });
    drain(core);
    for (let family = 2; family < 8; family += 1) {
      ask(core, { promptTokens: 36, outputTokens: 1, hashes: chain(9, family) });
      drain(core);
    }

    expect(told.slice(0, 5)).toEqual(chain(5));
    expect(told.filter((hash) => hash < 0)).toContain(-1004);
    expect(told.every((hash) => Math.abs(hash) >= 1000 && Math.abs(hash) < 9000)).toBe(true);
  });
});
