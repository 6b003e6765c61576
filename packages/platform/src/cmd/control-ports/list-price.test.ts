import { promptTokens, type Usage } from '@maru/api/records';
import { type Model, modelKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createListPrice } from './list-price.ts';

const model = (batchPercent?: number): Model => ({
  apiVersion: 'maru.dev/v1alpha1',
  kind: 'Model',
  metadata: { name: 'm', labels: {}, annotations: {} },
  spec: modelKind.spec.parse({ provider: { name: 'openai', model: 'm' }, ...(batchPercent === undefined ? {} : { batchPercent }) }),
});

/** A price list as the ledger answers it: input doubles above 200,000 prompt tokens, audio has no price. */
function priceOf(usage: Usage) {
  if ((usage.audioInputTokens ?? 0) > 0 || usage.cacheWriteTokens > 0) return { costNanoUsd: null, source: null };
  const long = promptTokens(usage) > 200_000;
  const input = usage.inputTokens * (long ? 2500 : 1250) + usage.cacheReadTokens * 125;
  const output = (usage.outputTokens + usage.reasoningTokens) * (long ? 15_000 : 10_000);
  return { costNanoUsd: input + output + (usage.images ?? 0) * 40_000_000, source: 'list 2026-11-21' };
}

describe('the listed price of a model', () => {
  it('has a price per bucket in the unit of that bucket, and none for a bucket without one', () => {
    const price = createListPrice({ ledger: { priceOf }, clock: createFakeClock() })(model(50));

    expect(price).toMatchObject({ source: 'list 2026-11-21', batchPercent: 50 });
    expect(price?.usd).toMatchObject({ inputTokens: 1.25, cacheReadTokens: 0.125, outputTokens: 10, reasoningTokens: 10, images: 0.04 });
    expect(price?.usd).not.toHaveProperty('audioInputTokens');
    expect(price?.usd).not.toHaveProperty('cacheWriteTokens');
  });

  it('finds where long prompts begin to cost more', () => {
    const price = createListPrice({ ledger: { priceOf }, clock: createFakeClock() })(model());

    expect(price?.above).toEqual([{ promptTokens: 200_000, usd: expect.objectContaining({ inputTokens: 2.5, outputTokens: 15 }) as unknown }]);
  });

  it('is null where no bucket has a price', () => {
    const ledger = { priceOf: () => ({ costNanoUsd: null, source: null }) };

    expect(createListPrice({ ledger, clock: createFakeClock() })(model())).toBeNull();
  });

  it('is asked for again after an hour', async () => {
    const clock = createFakeClock();
    let dollars = 1;
    const ledger = { priceOf: (usage: Usage) => ({ costNanoUsd: usage.inputTokens * 1000 * dollars, source: 'list' }) };
    const read = createListPrice({ ledger, clock });
    const one = model();

    expect(read(one)?.usd.inputTokens).toBe(1);
    dollars = 2;
    expect(read(one)?.usd.inputTokens).toBe(1);
    await clock.advance(3_600_000);
    expect(read(one)?.usd.inputTokens).toBe(2);
  });
});
