import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARCHITECTURES } from './catalogue.ts';
import { findArchitecture } from './find-architecture.ts';

describe('findArchitecture', () => {
  it.each([
    ['meta-llama/Llama-3.1-8B-Instruct', 'llama-3.1-8b'],
    ['meta-llama/Meta-Llama-3.1-70B-Instruct', 'llama-3.1-70b'],
    ['hf://Qwen/Qwen3-32B-FP8', 'qwen3-32b'],
    ['Qwen/Qwen3-30B-A3B-Instruct-2507', 'qwen3-30b-a3b'],
    ['google/gemma-3-27b-it', 'gemma-3-27b'],
    ['mistralai/Mixtral-8x7B-Instruct-v0.1', 'mixtral-8x7b'],
    ['openai/gpt-oss-20b', 'gpt-oss-20b'],
    ['deepseek-ai/DeepSeek-R1', 'deepseek-r1'],
  ])('%s is %s', (name, id) => {
    expect(findArchitecture(name).id).toBe(id);
  });

  it('finds every model by its own id', () => {
    for (const model of ARCHITECTURES) expect(findArchitecture(model.id)).toBe(model);
  });

  it('answers any text with a model or with near names', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          findArchitecture(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'model_unknown' });
        }
      }),
    );
  });
});
