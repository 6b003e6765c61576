import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARCHITECTURES, INSTANCES } from './catalogue.ts';
import type { Demand } from './demand.ts';
import { sizeModel } from './size-model.ts';

const chat: Demand = { model: 'llama-3.1-8b', inputTokens: 2000, outputTokens: 500, rps: 20, ttftMs: 1000, itlMs: 50 };

describe('sizeModel', () => {
  it.each([
    ['llama-3.1-8b-chat', chat],
    ['llama-3.3-70b-chat', { ...chat, model: 'meta-llama/Llama-3.3-70B-Instruct' }],
    ['deepseek-r1-reasoning', { model: 'deepseek-r1', inputTokens: 4000, outputTokens: 4000, rps: 2 }],
    ['gpt-oss-120b-spot', { model: 'gpt-oss-120b', inputTokens: 4000, outputTokens: 1000, rps: 5, capacityType: 'spot' }],
    ['llama-3.1-405b-two-nodes', { model: 'llama-3.1-405b', inputTokens: 4000, outputTokens: 1000, rps: 1, instanceTypes: ['p5.48xlarge'] }],
    ['qwen3-32b-fp8-long', { model: 'Qwen/Qwen3-32B-FP8', precision: 'fp8', kvPrecision: 'fp8', inputTokens: 30_000, outputTokens: 500, rps: 3 }],
  ] satisfies [string, Demand][])('plans %s as recorded', async (name, demand) => {
    await expect(`${sizeModel(demand).reasoning.join('\n')}\n`).toMatchFileSnapshot(`__golden__/${name}.txt`);
  });

  it('gives the same plan for the same demand', () => {
    expect(sizeModel(chat)).toEqual(sizeModel({ ...chat }));
  });

  it('knows a model by its vendor name and by figures alike', () => {
    const figures = { parameters: 8.03e9, layers: 32, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128 };
    const named = sizeModel({ ...chat, model: 'meta-llama/Llama-3.1-8B-Instruct' });
    const described = sizeModel({ ...chat, model: undefined, architecture: figures });
    expect(described.choice).toEqual(named.choice);
  });

  it('takes less memory per token with an fp8 cache, and never costs more', () => {
    const wide = sizeModel(chat);
    const narrow = sizeModel({ ...chat, kvPrecision: 'fp8' });
    expect(narrow.kvBytesPerToken).toBe(wide.kvBytesPerToken / 2);
    expect(narrow.choice.costNanoUsdPerHour).toBeLessThanOrEqual(wide.choice.costNanoUsdPerHour);
  });

  it('uses only the instance types that it may', () => {
    const plan = sizeModel({ ...chat, instanceTypes: ['g6e.xlarge', 'g6e.12xlarge'] });
    for (const option of [plan.choice, ...plan.alternatives]) expect(option.instance).toMatch(/^g6e\./);
  });

  it('counts money in whole nano-dollars that agree with each other', () => {
    const { choice } = sizeModel(chat);
    const tokensPerHour = 20 * 3600 * 2500;
    expect(choice.costNanoUsdPerMonth).toBe(choice.costNanoUsdPerHour * 730);
    expect(choice.costNanoUsdPerMillionTokens).toBe(Math.round((choice.costNanoUsdPerHour / tokensPerHour) * 1e6));
    for (const value of [choice.costNanoUsdPerHour, choice.costNanoUsdPerMonth, choice.costNanoUsdPerMillionTokens])
      expect(Number.isSafeInteger(value)).toBe(true);
  });

  describe('against published measurements', () => {
    it('holds as many KV tokens as Llama 3.1 70B on four H100 was seen to hold, within 12 %', () => {
      // 461,376 tokens per pod: llm-d-kv-cache-manager, 37-capacity.
      const plan = sizeModel({ model: 'llama-3.1-70b', inputTokens: 2000, outputTokens: 500, rps: 30, instanceTypes: ['p5.48xlarge'] });
      const option = [plan.choice, ...plan.alternatives].find((each) => each.tensorParallel === 4);
      expect(Math.abs((option?.kvTokens ?? 0) / 461_376 - 1)).toBeLessThan(0.12);
    });

    it('is careful but not far off for one request on one H100: 7.0 ms between tokens of Llama 3.1 8B', () => {
      const { choice } = sizeModel({ model: 'llama-3.1-8b', inputTokens: 128, outputTokens: 128, rps: 0.001, instanceTypes: ['p5.4xlarge'] });
      expect(choice.itlMs).toBeGreaterThan(7);
      expect(choice.itlMs).toBeLessThan(7 * 1.25);
    });
  });

  describe('for any demand', () => {
    const demand = fc.record({
      model: fc.constantFrom(...ARCHITECTURES.map((model) => model.id)),
      inputTokens: fc.integer({ min: 1, max: 8000 }),
      outputTokens: fc.integer({ min: 1, max: 4000 }),
      rps: fc.double({ min: 0.01, max: 200, noNaN: true }),
      precision: fc.constantFrom('native' as const, 'bf16' as const, 'fp8' as const, 'int4' as const),
    });

    it('more load never costs less, and on one machine never needs fewer replicas', () => {
      fc.assert(
        fc.property(
          demand,
          fc.double({ min: 1, max: 10, noNaN: true }),
          fc.constantFrom('p5.48xlarge', 'p5en.48xlarge', 'p6-b200.48xlarge'),
          (base, factor, instance) => {
            const more = { ...base, rps: Math.min(1e6, base.rps * factor) };
            expect(sizeModel(more).choice.costNanoUsdPerHour).toBeGreaterThanOrEqual(sizeModel(base).choice.costNanoUsdPerHour);
            const options = (each: Demand): ReturnType<typeof sizeModel>['choice'] => sizeModel({ ...each, instanceTypes: [instance] }).choice;
            const [few, many] = [options(base), options(more)];
            if (few.tensorParallel === many.tensorParallel) expect(many.replicas).toBeGreaterThanOrEqual(few.replicas);
          },
        ),
        { numRuns: 60 },
      );
    });

    it('never puts more into the GPUs than they hold, and never misses a limit that it accepted', () => {
      fc.assert(
        fc.property(demand, fc.integer({ min: 300, max: 20_000 }), fc.integer({ min: 20, max: 500 }), (base, ttftMs, itlMs) => {
          let plan: ReturnType<typeof sizeModel>;
          try {
            plan = sizeModel({ ...base, ttftMs, itlMs });
          } catch (error) {
            expect(error).toMatchObject({ code: 'no_fit' });
            return;
          }
          for (const option of [plan.choice, ...plan.alternatives]) {
            const instance = INSTANCES.find((each) => each.name === option.instance);
            const memory = (instance?.gpuMemoryBytes ?? 0) * option.tensorParallel * option.pipelineParallel;
            expect(plan.minReplicaBytes).toBeLessThanOrEqual(memory);
            expect(option.ttftMs).toBeLessThanOrEqual(ttftMs);
            expect(option.itlMs).toBeLessThanOrEqual(itlMs);
            expect(option.concurrencyPerReplica).toBeLessThanOrEqual(option.peakConcurrencyPerReplica);
            expect(option.replicas * option.peakRpsPerReplica).toBeGreaterThanOrEqual(base.rps);
            expect(option.gpusUsed).toBeLessThanOrEqual(option.gpusRented);
            expect(option.costNanoUsdPerHour).toBeGreaterThanOrEqual(plan.choice.costNanoUsdPerHour);
          }
        }),
        { numRuns: 60 },
      );
    });

    it('a tighter limit never costs less', () => {
      fc.assert(
        fc.property(demand, fc.integer({ min: 30, max: 300 }), (base, itlMs) => {
          const cost = (each: Demand): number => {
            try {
              return sizeModel(each).choice.costNanoUsdPerHour;
            } catch {
              return Number.POSITIVE_INFINITY;
            }
          };
          expect(cost({ ...base, itlMs })).toBeGreaterThanOrEqual(cost({ ...base, itlMs: itlMs * 2 }));
        }),
        { numRuns: 60 },
      );
    });
  });

  describe('says what would help when nothing fits', () => {
    it.each([
      ['memory', { ...chat, model: 'llama-3.1-405b', instanceTypes: ['g5.xlarge'] }, /needs 7\d\d\.\d GiB .*g5\.xlarge TP1.*smaller precision/],
      [
        'first token',
        { ...chat, inputTokens: 100_000, model: 'llama-3.1-70b', ttftMs: 500 },
        /time to first token of 500 ms: the best is .* relax the limit, shorten the prompt/,
      ],
      ['between tokens', { ...chat, itlMs: 0.5 }, /time between tokens of 0\.5 ms: the best is/],
      ['GPUs', { ...chat, rps: 500, maxGpus: 1 }, /more than the 1 GPUs allowed/],
      ['unknown instance', { ...chat, instanceTypes: ['m5.large'] }, /none of the instance types m5\.large/],
    ] satisfies [string, Demand, RegExp][])('%s', (_what, demand, message) => {
      expect(() => sizeModel(demand)).toThrow(expect.objectContaining({ code: 'no_fit', message: expect.stringMatching(message) }));
    });
  });

  describe('refuses a demand that makes no sense', () => {
    it.each([
      ['inputTokens', { ...chat, inputTokens: 0 }],
      ['outputTokens', { ...chat, outputTokens: 1.5 }],
      ['rps', { ...chat, rps: Number.NaN }],
      ['rps', { ...chat, rps: -1 }],
      ['ttftMs', { ...chat, ttftMs: 0 }],
      ['contextWindow', { ...chat, contextWindow: 100 }],
      ['contextWindow', { ...chat, model: 'mistral-7b', inputTokens: 60_000 }],
      ['maxGpus', { ...chat, maxGpus: 0 }],
      ['model', { inputTokens: 1, outputTokens: 1, rps: 1 }],
    ] satisfies [string, Demand][])('%s', (field, demand) => {
      expect(() => sizeModel(demand)).toThrow(expect.objectContaining({ code: 'invalid_request', details: { field } }));
    });

    it('names near models for one that it does not know', () => {
      expect(() => sizeModel({ ...chat, model: 'llama-3.1-9b' })).toThrow(
        expect.objectContaining({ code: 'model_unknown', message: expect.stringContaining('llama-3.1-8b') }),
      );
    });
  });
});

describe('catalogue', () => {
  it('has a source and a date for every figure', () => {
    for (const file of ['models', 'gpus', 'factors', 'aws-accelerators']) {
      const data = JSON.parse(readFileSync(new URL(`data/${file}.json`, import.meta.url), 'utf8')) as Record<string, unknown>;
      expect(data['collected'] ?? data['pricesOf']).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      const rows = (data['models'] ?? data['gpus'] ?? (file === 'factors' ? Object.values(data).filter((row) => typeof row === 'object') : [])) as {
        source?: string;
      }[];
      for (const row of rows) expect(row.source).toBeTruthy();
    }
  });

  it('has figures that agree with the names: parameters follow from the shape, roughly', () => {
    for (const model of ARCHITECTURES.filter((each) => each.activeParameters === undefined)) {
      // Attention and MLP of a dense decoder take about 12 to 20 times layers x hidden².
      const perShape = model.parameters / (model.layers * model.hiddenSize ** 2);
      expect(perShape, model.id).toBeGreaterThan(7);
      expect(perShape, model.id).toBeLessThan(32);
    }
  });

  it('plans with types that have a price and a known chip only', () => {
    const names = INSTANCES.map((instance) => instance.name);
    expect(names).toContain('p5.48xlarge');
    expect(names).not.toContain('p5e.48xlarge');
    expect(names).not.toContain('trn1.32xlarge');
    expect(INSTANCES.find((instance) => instance.name === 'p4de.24xlarge')?.gpu.id).toBe('a100-80');
    expect(INSTANCES.find((instance) => instance.name === 'p4d.24xlarge')?.gpu.id).toBe('a100-40');
  });
});
