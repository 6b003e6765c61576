import { stepTimeMs, type TwinProfile } from '#engines';
import type { EngineCapacity } from '#fleet';

/**
 * Requests per second of one replica in a steady state, by the step model of its profile: as many sequences as keep the time between
 * tokens, while each step also computes its share of new prompts. It knows no bursts, as the profile of a planner does not.
 */
export function engineCapacity(profile: TwinProfile, limits: { readonly maxNumSeqs: number; readonly maxBatchedTokens: number }): EngineCapacity {
  return ({ inputTokens, outputTokens, ttftMs, itlMs }) => {
    const prefillMs = stepTimeMs(profile, { prefillTokens: inputTokens, attentionPairs: inputTokens ** 2 / 2, decodeSequences: 0, decodeContext: 0 });
    if (profile.requestOverheadMs + prefillMs > ttftMs) return 0;
    const most = Math.min(limits.maxNumSeqs, Math.floor(profile.kvTokens / (inputTokens + outputTokens)));
    const stepMs = (sequences: number): number => {
      const prefillTokens = Math.min(limits.maxBatchedTokens, (sequences * inputTokens) / outputTokens);
      return stepTimeMs(profile, {
        prefillTokens,
        attentionPairs: (prefillTokens * inputTokens) / 2,
        decodeSequences: sequences,
        decodeContext: sequences * (inputTokens + outputTokens / 2),
      });
    };
    let [low, high] = [0, most];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (stepMs(middle) <= itlMs) low = middle;
      else high = middle - 1;
    }
    return low === 0 ? 0 : (Math.min(low / outputTokens, limits.maxBatchedTokens / inputTokens) * 1000) / stepMs(low);
  };
}
