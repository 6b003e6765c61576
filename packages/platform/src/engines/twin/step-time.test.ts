import { describe, expect, it } from 'vitest';
import { TWIN_PROFILES, twinProfile } from './profile.ts';
import { stepTimeMs } from './step-time.ts';

const h100 = twinProfile('h100-llama-3.1-8b');
const nothing = { prefillTokens: 0, attentionPairs: 0, decodeSequences: 0, decodeContext: 0 };

describe('step time', () => {
  it('takes no time for no work', () => {
    expect(stepTimeMs(h100, nothing)).toBe(0);
  });

  it('meets the published points of Llama 3.1 8B on an H100: ITL 7.0 ms and TTFT 15 ms at 128 tokens', () => {
    const decode = stepTimeMs(h100, { ...nothing, decodeSequences: 1, decodeContext: 192 });
    const prefill = stepTimeMs(h100, { ...nothing, prefillTokens: 128, attentionPairs: 128 * 64 });

    expect(decode).toBeCloseTo(7, 1);
    expect(prefill + h100.requestOverheadMs).toBeCloseTo(15, 0);
  });

  it('meets the published prefill rate of Qwen3 32B on two H100 within 20 %', () => {
    const profile = twinProfile('h100-tp2-qwen3-32b');

    const rate = 8192 / (stepTimeMs(profile, { ...nothing, prefillTokens: 8192, attentionPairs: 8192 * 4096 }) / 1000);

    expect(rate).toBeGreaterThan(15_928 * 0.8);
    expect(rate).toBeLessThan(15_928 * 1.2);
  });

  it('grows with every kind of work, for every profile', () => {
    for (const name of TWIN_PROFILES) {
      const profile = twinProfile(name);
      const base = { prefillTokens: 4000, attentionPairs: 1e6, decodeSequences: 4, decodeContext: 4000 };
      const time = stepTimeMs(profile, base);
      for (const key of ['prefillTokens', 'attentionPairs', 'decodeSequences', 'decodeContext'] as const) {
        expect(stepTimeMs(profile, { ...base, [key]: base[key] * 2 })).toBeGreaterThan(time);
      }
    }
  });

  it('says where every profile comes from', () => {
    for (const name of TWIN_PROFILES) {
      expect(twinProfile(name).source.length).toBeGreaterThan(20);
      expect(['published', 'estimated', 'measured']).toContain(twinProfile(name).status);
    }
  });
});
