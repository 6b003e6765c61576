import { describe, expect, it } from 'vitest';
import { ask, coreWith, drain } from '../__fixtures__/small-engine.ts';
import { createOffloadTiers } from './offload-tiers.ts';

const chain = (count: number, family = 1): readonly number[] => Array.from({ length: count }, (_, index) => family * 1000 + index);
const SIZES = { cpuGigabytesPerS: 25, diskGigabytesPerS: 5, bytesPerToken: 131_072 };

describe('tiers behind the memory of the GPU', () => {
  it('bring a prefix back that the GPU has lost, as far as it has no gap', () => {
    const core = coreWith({ kvOffload: { cpuTokens: 400 } }, { kvBlocks: 16 });
    ask(core, { promptTokens: 40, outputTokens: 1, hashes: chain(10) });
    drain(core);
    for (let family = 2; family < 5; family += 1) {
      ask(core, { promptTokens: 60, outputTokens: 1, hashes: chain(15, family) });
      drain(core);
    }
    expect(core.match(chain(10), 10)).toBe(0);

    const again = ask(core, { promptTokens: 42, outputTokens: 1, hashes: chain(10) });
    const step = core.step(0);

    expect(again.cachedTokens).toBe(40);
    expect(step?.work.prefillTokens).toBe(2);
    expect(core.tiers?.counters).toEqual({ queriedTokens: 40 + 3 * 60 + 42, hitTokens: 40 });
    expect(core.match(chain(10), 10)).toBe(10);
    expect(core.kv.freeBlocks).toBe(16);
  });

  it('make the step that brings blocks back as long as the transfer, where that takes longer than computing', () => {
    const fast = coreWith({ kvOffload: { cpuTokens: 400, cpuGigabytesPerS: 1000 } });
    const slow = coreWith({ kvOffload: { cpuTokens: 400, cpuGigabytesPerS: 0.05 } });
    const [short, long] = [fast, slow].map((core) => {
      ask(core, { promptTokens: 20, outputTokens: 1, hashes: chain(5) });
      drain(core);
      core.kv.clear();
      ask(core, { promptTokens: 21, outputTokens: 1, hashes: chain(5) });
      return core.step(0)?.durationMs ?? 0;
    });

    expect(long).toBeCloseTo((20 * 131_072) / 50_000, 6);
    expect(short).toBeLessThan(10);
  });

  it('evict the least recently used, from the host to the disk and from there to nowhere, and tell of it', () => {
    const told: string[] = [];
    const observer = {
      stored: (hashes: ArrayLike<number>, index: number, medium: string) => void told.push(`+${medium} ${hashes[index]}`),
      removed: (hash: number, medium: string) => void told.push(`-${medium} ${hash}`),
      cleared: () => undefined,
    };
    const tiers = createOffloadTiers({ ...SIZES, cpuTokens: 8, diskTokens: 4 }, { blockSize: 4, observer });
    for (const index of [0, 1, 2]) tiers.store(chain(5), index);
    expect(tiers.match(chain(5), { from: 0, to: 5 })).toBe(3);
    tiers.fetch(chain(5), { from: 1, to: 2 });
    tiers.store(chain(5), 3);

    expect(told).toEqual(['+CPU 1000', '+CPU 1001', '+CPU 1002', '+DISK 1000', '-CPU 1000', '+CPU 1003', '+DISK 1002', '-DISK 1000', '-CPU 1002']);
    expect(tiers.match(chain(5), { from: 1, to: 5 })).toBe(3);
    expect(tiers.fetch(chain(5), { from: 1, to: 4 })).toBeCloseTo((4 * 131_072) / 25e6 + (4 * 131_072) / 5e6 + (4 * 131_072) / 25e6, 9);
  });
});
