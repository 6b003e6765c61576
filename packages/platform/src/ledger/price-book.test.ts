import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Usage } from '@maru/api/records';
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import library from './data/genai-prices.json' with { type: 'json' };
import { createPriceBook } from './price-book.ts';
import { vendorContextWindow } from './vendor-prices.ts';

const usage = (values: Partial<Usage>): Usage => ({ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0, ...values });
const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('vendorContextWindow', () => {
  it.each([
    ['azure', 'gpt-4o-mini', 128_000],
    ['openai', 'gpt-4o-mini', 128_000],
    ['openai', 'nobody-knows', undefined],
    ['nobody', 'gpt-4o-mini', undefined],
  ])('knows the context of %s %s: %s', (provider, model, tokens) => {
    expect(vendorContextWindow({ provider, model }, NOW)).toBe(tokens);
  });
});

describe('price book', () => {
  const book = createPriceBook();

  it('takes the vendor list for models of vendors, with its date', () => {
    const price = book.priceOf(usage({ inputTokens: 850, cacheReadTokens: 100, outputTokens: 300 }), { provider: 'openai', model: 'gpt-5-mini' }, NOW);

    expect(price).toEqual({ costNanoUsd: 850 * 250 + 100 * 25 + 300 * 2000, source: 'genai-prices 2026-09-23' });
  });

  it('prices a cache write and a cache read at their own prices', () => {
    const price = book.priceOf(
      usage({ inputTokens: 10, cacheReadTokens: 1000, cacheWriteTokens: 100, outputTokens: 1 }),
      { provider: 'anthropic', model: 'claude-opus-5-5' },
      NOW,
    );

    expect(price.costNanoUsd).toBe(10 * 4000 + 1000 * 200 + 100 * 5000 + 20_000);
  });

  it('takes the tier of the whole prompt, cached tokens included, for all tokens', () => {
    const cost = (values: Partial<Usage>): number | null => book.priceOf(usage(values), { provider: 'gemini', model: 'gemini-2.5-pro' }, NOW).costNanoUsd;

    expect(cost({ inputTokens: 200_000, outputTokens: 10 })).toBe(200_000 * 1250 + 10 * 10_000);
    expect(cost({ inputTokens: 200_001, outputTokens: 10 })).toBe(200_001 * 2500 + 10 * 15_000);
    expect(cost({ inputTokens: 1, cacheReadTokens: 200_000, outputTokens: 10 })).toBe(2500 + 200_000 * 250 + 10 * 15_000);
  });

  it('knows that a model costs more in a region than through the profile of all regions', () => {
    const cost = (model: string): number | null =>
      book.priceOf(usage({ inputTokens: 10_000, outputTokens: 1000 }), { provider: 'bedrock', model }, NOW).costNanoUsd;

    expect(cost('global.anthropic.claude-sonnet-4-5-20250929-v1:0')).toBe(45_000_000);
    for (const place of ['', 'eu.', 'us.']) expect(cost(`${place}anthropic.claude-sonnet-4-5-20250929-v1:0`)).toBe(49_500_000);
    expect(cost('moon.anthropic.claude-sonnet-4-5-20250929-v1:0')).not.toBe(0);
  });

  it('follows price changes on their date', () => {
    const at = (iso: string): number | null =>
      book.priceOf(usage({ inputTokens: 1000 }), { provider: 'openai', model: 'gpt-5.6-luna' }, Date.parse(iso)).costNanoUsd;

    expect([at('2026-07-29T23:59:59Z'), at('2026-07-30T00:00:00Z')]).toEqual([1_000_000, 200_000]);
  });

  it('agrees with the library for every model and usage that both can price', () => {
    const models = ['openai', 'anthropic', 'google', 'mistral', 'groq', 'deepseek'].flatMap((provider) =>
      (findProvider({ providerId: provider })?.models ?? []).map((model) => ({ provider, model: model.id })),
    );
    const tokens = fc.oneof(fc.nat(1000), fc.nat(400_000));
    expect(models.length).toBeGreaterThan(200);
    fc.assert(
      fc.property(fc.constantFrom(...models), tokens, tokens, tokens, tokens, fc.nat(1000), (model, input, read, write, output, reasoning) => {
        const theirs = calcPrice(
          { input_tokens: input + read + write, cache_read_tokens: read, cache_write_tokens: write, output_tokens: output + reasoning },
          model.model,
          { providerId: model.provider, timestamp: new Date(NOW) },
        );
        const mine = book.priceOf(
          { inputTokens: input, cacheReadTokens: read, cacheWriteTokens: write, outputTokens: output, reasoningTokens: reasoning },
          model,
          NOW,
        ).costNanoUsd;
        fc.pre(mine !== null && theirs !== null);
        expect(Math.abs((mine ?? 0) - (theirs?.total_price ?? 0) * 1e9)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it('says null, not zero, for an unknown model, an unknown vendor and a price it has not got', () => {
    const unknown = { costNanoUsd: null, source: null };

    expect(book.priceOf(usage({ inputTokens: 1 }), { provider: 'openai', model: 'gpt-9000' }, NOW)).toEqual(unknown);
    expect(book.priceOf(usage({ inputTokens: 1 }), { provider: 'vllm', model: 'llama' }, NOW)).toEqual(unknown);
    expect(book.priceOf(usage({ inputTokens: 1 }), { provider: 'openai-compatible', model: 'gpt-5-mini' }, NOW)).toEqual(unknown);
    expect(book.priceOf(usage({ inputTokens: 1 }), { provider: 'openai-compatible', model: 'gpt-5-mini', baseUrl: 'http://10.0.0.1/v1' }, NOW)).toEqual(
      unknown,
    );
    expect(book.priceOf(usage({ inputTokens: 1 }), { provider: 'openai', model: 'whisper-1' }, NOW)).toEqual(unknown);
  });

  it('knows a compatible vendor by the address of its API', () => {
    const query = { provider: 'openai-compatible', model: 'llama-3.1-8b-instant', baseUrl: 'https://api.groq.com/openai/v1' };

    expect(book.priceOf(usage({ inputTokens: 1_000_000 }), query, NOW)).toEqual({ costNanoUsd: 50_000_000, source: 'genai-prices 2026-09-23' });
  });

  it('lets built-in engines cost nothing, unless the Model says what they cost', () => {
    const used = usage({ inputTokens: 100, outputTokens: 10 });

    expect(book.priceOf(used, { provider: 'twin', model: 'sim-8b' }, NOW)).toEqual({ costNanoUsd: 0, source: 'built-in' });
    expect(book.priceOf(used, { provider: 'reader', model: 'reader' }, NOW)).toEqual({ costNanoUsd: 0, source: 'built-in' });
    expect(book.priceOf(used, { provider: 'twin', model: 'sim-8b', price: { inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.4 } }, NOW)).toEqual({
      costNanoUsd: 100 * 100 + 10 * 400,
      source: 'model',
    });
  });

  it('prefers the price of the Model, and fills what it leaves out as vendors do', () => {
    const query = { provider: 'openai', model: 'gpt-5-mini', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 2 } };

    expect(book.priceOf(usage({ cacheReadTokens: 1, cacheWriteTokens: 1, reasoningTokens: 1 }), query, NOW)).toEqual({ costNanoUsd: 4000, source: 'model' });
  });

  it('carries the date of the library that is installed', () => {
    const installed = createRequire(import.meta.url)
      .resolve('@pydantic/genai-prices')
      .replace(/dist.*/, 'package.json');

    expect((JSON.parse(readFileSync(installed, 'utf8')) as { version: string }).version).toBe(library.version);
  });
});

describe('price lists of the user', () => {
  const list = {
    source: 'contract',
    date: '2026-10-01',
    prices: [
      { provider: 'vllm', model: '*', inputUsdPerMillion: 1, outputUsdPerMillion: 1 },
      { provider: 'vllm', model: 'llama', inputUsdPerMillion: 2, outputUsdPerMillion: 2 },
      { provider: 'vllm', model: 'llama', inputUsdPerMillion: 3, outputUsdPerMillion: 3, from: '2026-11-21' },
      { provider: 'openai', model: 'gpt-5-mini', inputUsdPerMillion: 0.2, outputUsdPerMillion: 1.5 },
    ],
  };
  const book = createPriceBook([list]);
  const cost = (model: string, iso: string): number | null => book.priceOf(usage({ inputTokens: 1 }), { provider: 'vllm', model }, Date.parse(iso)).costNanoUsd;

  it('win over the vendor list, and say so', () => {
    expect(book.priceOf(usage({ outputTokens: 2 }), { provider: 'openai', model: 'gpt-5-mini' }, NOW)).toEqual({
      costNanoUsd: 3000,
      source: 'contract 2026-10-01',
    });
  });

  it('prefer the exact model, and change on their date', () => {
    expect([cost('other', '2026-11-21'), cost('llama', '2026-11-20T23:59:59Z'), cost('llama', '2026-11-21T00:00:00Z')]).toEqual([1000, 2000, 3000]);
  });

  it('are refused with the place of the mistake', () => {
    expect(() => createPriceBook([{ ...list, prices: [{ ...list.prices[0], inputUsdPerMillion: -1 }] }])).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining('prices.0.inputUsdPerMillion') }),
    );
    expect(() => createPriceBook(['nonsense'])).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});
