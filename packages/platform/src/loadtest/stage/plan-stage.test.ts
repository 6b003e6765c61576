import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTestOptions } from '../__fixtures__/options.ts';
import { parseLengths } from '../prompts/parse-lengths.ts';
import { arrivalTimes, planStages, warmUpRequest } from './plan-stage.ts';

const ONE = { tokensPerWord: 1, overheadTokens: 0 };
const stagesOf = (changes: Parameters<typeof loadTestOptions>[1]) => planStages(loadTestOptions('http://x', changes));

describe('the plan of a load test', () => {
  it('has one stage per level, with as many requests as asked for', () => {
    const stages = stagesOf({ load: { mode: 'concurrency', levels: [1, 8], requests: 40, durationMs: undefined } });

    expect(stages.map(({ name, concurrency, count }) => [name, concurrency, count])).toEqual([
      ['concurrency 1', 1, 40],
      ['concurrency 8', 8, 40],
    ]);
  });

  it('sends ten requests per worker, or half a minute of a rate, and at least twenty', () => {
    const concurrency = stagesOf({ load: { mode: 'concurrency', levels: [1, 8], requests: undefined, durationMs: undefined } });
    const rate = stagesOf({
      load: { mode: 'rate', levels: [0.1, 5], arrivals: 'poisson', maxConcurrency: undefined, requests: undefined, durationMs: undefined },
    });

    expect(concurrency.map(({ count }) => count)).toEqual([20, 80]);
    expect(rate.map(({ count }) => count)).toEqual([20, 150]);
  });

  it('gives the same requests for the same seed, and never the same prompt twice', () => {
    const changes = { input: parseLengths('uniform:20-60'), load: { mode: 'concurrency' as const, levels: [1, 2], requests: 30, durationMs: undefined } };
    const prompts = (seed: number): string[] =>
      stagesOf({ ...changes, seed }).flatMap((stage) => Array.from({ length: 30 }, (_, index) => stage.request(index).prompt(ONE)));
    const warmUp = warmUpRequest(loadTestOptions('http://x', changes), 0).prompt(ONE);

    expect(prompts(1)).toEqual(prompts(1));
    expect(new Set([...prompts(1), ...prompts(2), warmUp]).size).toBe(121);
  });

  it('draws the lengths of each request', () => {
    const [stage] = stagesOf({ input: parseLengths('uniform:10-1000'), output: parseLengths('uniform:1-100') });
    const requests = Array.from({ length: 50 }, (_, index) => stage?.request(index));

    expect(new Set(requests.map((request) => request?.inputTokens)).size).toBeGreaterThan(30);
    expect(new Set(requests.map((request) => request?.outputTokens)).size).toBeGreaterThan(20);
  });

  it('replays a trace at its times, faster or slower', () => {
    const requests = [
      { atMs: 0, inputTokens: 40, outputTokens: 3, blocks: [1, 2] },
      { atMs: 500, inputTokens: 30, outputTokens: 0, blocks: [1] },
    ];
    const [stage] = stagesOf({ load: { mode: 'trace', trace: { name: 't.jsonl', blockTokens: 16, requests }, speed: 2, maxConcurrency: 4 } });

    expect(stage).toMatchObject({ name: 'trace t.jsonl ×2', count: 2, concurrency: 4, ratePerS: null });
    expect(stage?.request(1)).toMatchObject({ atMs: 250, inputTokens: 30, outputTokens: 1 });
  });
});

describe('arrivals', () => {
  it('are evenly spaced when they are constant', () => {
    expect([...arrivalTimes({ ratePerS: 4, count: 4, kind: 'constant', seed: 1 })]).toEqual([0, 250, 500, 750]);
  });

  it('come at the wanted rate, with the spread of a Poisson process, for any seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const times = arrivalTimes({ ratePerS: 20, count: 4000, kind: 'poisson', seed });
        const gaps = [...times].slice(1).map((time, index) => time - (times[index] ?? 0));
        const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
        const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);

        expect(Math.abs(mean / 50 - 1)).toBeLessThan(0.1);
        // Times between Poisson arrivals spread as widely as they are long.
        expect(Math.abs(deviation / mean - 1)).toBeLessThan(0.15);
        expect(gaps.every((gap) => gap >= 0)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});
