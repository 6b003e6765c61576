import { describe, expect, it } from 'vitest';
import { findArchitecture } from './find-architecture.ts';
import { canSplitHeads, kvBytesOfSequence, kvCopies, weightBytes } from './memory.ts';

const KIB = 1024;

describe('memory of a model', () => {
  it('keeps 128 KiB per token for Llama 3.1 8B and 320 KiB for 70B in 16 bit', () => {
    expect(kvBytesOfSequence(findArchitecture('llama-3.1-8b'), 1, 2)).toBe(128 * KIB);
    expect(kvBytesOfSequence(findArchitecture('llama-3.1-70b'), 1, 2)).toBe(320 * KIB);
  });

  it('keeps one latent vector per layer for DeepSeek, whole on every GPU', () => {
    const model = findArchitecture('deepseek-v3');
    expect(kvBytesOfSequence(model, 1, 2)).toBe(61 * 576 * 2);
    expect(kvCopies(model, 8)).toBe(8);
  });

  it('forgets what has left the window of sliding layers', () => {
    const model = findArchitecture('gemma-3-27b');
    const short = kvBytesOfSequence(model, 1024, 2);
    const long = kvBytesOfSequence(model, 2048, 2);
    expect(long - short).toBe(10 * 2 * 16 * 128 * 2 * 1024);
  });

  it('holds heads twice when there are more GPUs than heads', () => {
    expect(kvCopies(findArchitecture('qwen3-30b-a3b'), 8)).toBe(2);
    expect(kvCopies(findArchitecture('llama-3.1-8b'), 8)).toBe(1);
  });

  it('splits heads only where they divide', () => {
    expect(canSplitHeads(findArchitecture('qwen2.5-7b'), 4)).toBe(true);
    expect(canSplitHeads(findArchitecture('qwen2.5-7b'), 8)).toBe(false);
  });

  it('takes the published checkpoint as it is, and rounds for other precisions', () => {
    expect(weightBytes(findArchitecture('gpt-oss-120b'), 'native')).toBe(Math.round(60.8 * 2 ** 30));
    expect(weightBytes(findArchitecture('deepseek-v3'), 'native')).toBe(671e9);
    expect(weightBytes(findArchitecture('llama-3.1-8b'), 'bf16')).toBe(16.06e9);
  });
});
