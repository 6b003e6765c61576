import { completionTokens, promptTokens } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disjointUsage, partitionUsage } from './partition-usage.ts';
import { readAttributes } from './read-attributes.ts';

const count = fc.nat(1_000_000);

describe('token buckets', () => {
  it('add up to what the vendor reported, whatever part of it was cached or reasoning', () => {
    fc.assert(
      fc.property(count, count, fc.nat(1000), fc.nat(1000), fc.nat(1000), (input, output, readShare, writeShare, reasoningShare) => {
        const cacheRead = Math.floor((input * readShare) / 2000);
        const cacheWrite = Math.floor((input * writeShare) / 2000);
        const reasoning = Math.floor((output * reasoningShare) / 1000);

        const usage = partitionUsage({ input, output, cacheRead, cacheWrite, reasoning });

        expect(usage === undefined ? -1 : promptTokens(usage)).toBe(input);
        expect(usage === undefined ? -1 : completionTokens(usage)).toBe(output);
      }),
    );
  });

  it('are never negative and never lose what was counted apart', () => {
    fc.assert(
      fc.property(fc.record({ input: count, output: count, cacheRead: count, cacheWrite: count, reasoning: count }), (reported) => {
        const usage = partitionUsage(reported);

        expect(Object.values(usage ?? {}).every((value) => value >= 0)).toBe(true);
        expect(usage).toMatchObject({ cacheReadTokens: reported.cacheRead, cacheWriteTokens: reported.cacheWrite, reasoningTokens: reported.reasoning });
      }),
    );
  });

  it('are missing when nothing was reported, and zero for nonsense', () => {
    expect(partitionUsage({})).toBeUndefined();
    expect(disjointUsage({ input: -5, output: Number.NaN })).toEqual({
      inputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
    });
  });

  it('are the same for one call in every dialect', () => {
    const expected = { inputTokens: 60, cacheReadTokens: 30, cacheWriteTokens: 10, outputTokens: 15, reasoningTokens: 5 };
    const dialects = [
      {
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 20,
        'gen_ai.usage.cache_read.input_tokens': 30,
        'gen_ai.usage.cache_creation.input_tokens': 10,
        'gen_ai.usage.reasoning.output_tokens': 5,
      },
      {
        'llm.token_count.prompt': 100,
        'llm.token_count.completion': 20,
        'llm.token_count.prompt_details.cache_read': 30,
        'llm.token_count.prompt_details.cache_write': 10,
        'llm.token_count.completion_details.reasoning': 5,
      },
      {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.usage.inputTokens': 100,
        'ai.usage.outputTokens': 20,
        'ai.usage.cachedInputTokens': 30,
        'ai.usage.inputTokenDetails.cacheWriteTokens': 10,
        'ai.usage.reasoningTokens': 5,
      },
      {
        'langfuse.observation.usage_details':
          '{"input":60,"input_cached_tokens":30,"input_cache_creation":10,"output":15,"output_reasoning_tokens":5,"total":120}',
      },
    ];
    for (const attributes of dialects) expect(readAttributes(attributes).usage).toEqual(expected);
  });
});
