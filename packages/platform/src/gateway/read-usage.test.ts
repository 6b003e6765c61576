import { completionTokens, promptTokens } from '@maru/api/records';
import { fromWireUsage, toWireUsage, wireUsageSchema } from '@maru/api/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUsage } from './read-usage.ts';

const tokens = fc.nat({ max: 1_000_000 });

describe('readUsage', () => {
  it('reads back every usage that the platform writes', () => {
    const usage = fc.record({ inputTokens: tokens, cacheReadTokens: tokens, cacheWriteTokens: tokens, outputTokens: tokens, reasoningTokens: tokens });
    fc.assert(
      fc.property(usage, (value) => {
        expect(readUsage(toWireUsage(value))).toEqual(value);
      }),
    );
  });

  it('says the same as the schema, and never counts a token twice', () => {
    const maybe = fc.option(tokens);
    const report = fc.record(
      {
        prompt_tokens: maybe,
        completion_tokens: maybe,
        prompt_tokens_details: fc.option(fc.record({ cached_tokens: maybe, cache_creation_tokens: maybe }, { requiredKeys: [] })),
        completion_tokens_details: fc.option(fc.record({ reasoning_tokens: maybe }, { requiredKeys: [] })),
        prompt_cache_hit_tokens: maybe,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(report, (wire) => {
        const usage = readUsage(wire);

        expect(usage).toEqual(fromWireUsage(wireUsageSchema.parse(wire)));
        if (usage === undefined) return;
        expect(promptTokens(usage)).toBe(wire.prompt_tokens ?? 0);
        expect(completionTokens(usage)).toBe(wire.completion_tokens ?? 0);
        expect(Math.min(...Object.values(usage))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  it.each([undefined, null, 5, 'usage', [], {}, { prompt_tokens: 'many' }, { prompt_tokens: -1, completion_tokens: Number.NaN }, { prompt_tokens: 1.5 }])(
    'takes %j for no usage',
    (report) => {
      expect(readUsage(report)).toBeUndefined();
    },
  );

  it('keeps what makes sense of a report that partly does not', () => {
    expect(readUsage({ prompt_tokens: 10, completion_tokens: -3, prompt_tokens_details: 'none' })).toEqual({
      inputTokens: 10,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
    });
  });
});
