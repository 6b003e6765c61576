import { describe, expect, it } from 'vitest';
import { DEFAULT_COST_RATES, prefillMs } from '../policy/cost-rates.ts';
import { EndpointWork, type Work } from './endpoint-work.ts';

const work = (more: Partial<Work> = {}): Work => ({ promptTokens: 1000, cachedTokens: 400, prefillMs: 30, told: true, ...more });

describe('work of an endpoint', () => {
  it('counts a decision at once and forgets it at its end', () => {
    const endpoint = new EndpointWork(DEFAULT_COST_RATES);
    const open = endpoint.begin(work({ blocks: [1, 2, 3] }), 0);
    expect([endpoint.inFlight, endpoint.contextTokens, endpoint.uncachedTokens, endpoint.pending.count, endpoint.active.size]).toEqual([1, 1000, 600, 1, 3]);

    endpoint.end(open, {}, 5);
    endpoint.end(open, {}, 5);
    endpoint.firstToken(open, 5);

    expect([endpoint.inFlight, endpoint.contextTokens, endpoint.uncachedTokens, endpoint.pending.count, endpoint.active.size]).toEqual([0, 0, 0, 0, 0]);
  });

  it('is in prefill until the first token', () => {
    const endpoint = new EndpointWork(DEFAULT_COST_RATES);
    const open = endpoint.begin(work(), 0);
    endpoint.firstToken(open, 40);
    endpoint.firstToken(open, 60);

    expect([endpoint.inFlight, endpoint.pending.count]).toEqual([1, 0]);
  });

  it('tells how much of the time prompts take, and forgets it within half a minute', () => {
    const endpoint = new EndpointWork(DEFAULT_COST_RATES);
    for (let turn = 0; turn < 400; turn += 1) endpoint.begin(work({ prefillMs: 50 }), turn * 100);

    expect(endpoint.prefillShare(40_000)).toBeCloseTo(0.5, 1);
    expect(endpoint.prefillShare(100_000)).toBeLessThan(0.01);
  });

  it('learns the rates of prompts and of steps from first tokens and ends', () => {
    const endpoint = new EndpointWork(DEFAULT_COST_RATES);
    // An engine a third as fast as the guess: 0.12 ms per token, 30 ms per step.
    for (let turn = 0; turn < 200; turn += 1) {
      const startMs = turn * 10_000;
      const promptTokens = 1000 + (turn % 7) * 2000;
      const ttftMs = 15 + promptTokens * 0.12;
      const open = endpoint.begin(work({ promptTokens, cachedTokens: 0, prefillMs: ttftMs }), startMs);
      endpoint.firstToken(open, startMs + ttftMs);
      endpoint.end(open, { outputTokens: 101 }, startMs + ttftMs + 3000);
    }

    expect(prefillMs(endpoint.rates, 8000, 0) / (8000 * 0.12)).toBeCloseTo(1, 1);
    expect(endpoint.rates.stepMs + endpoint.rates.stepMsPerRequest + 7000 * endpoint.rates.stepMsPerContextToken).toBeCloseTo(30, 0);
  });

  it('does not take the answers of other routers for a slow endpoint', () => {
    const learn = (besides: boolean): EndpointWork => {
      const endpoint = new EndpointWork(DEFAULT_COST_RATES);
      for (let turn = 0; turn < 200; turn += 1) {
        const startMs = turn * 10_000;
        // 10 ms per step and 1 ms more for each request, most of which are of others.
        const others = (turn % 5) * 10;
        if (besides) endpoint.beside({ inFlight: others, prefilling: 0, contextTokens: others * 1000, prefillShare: 0 }, startMs);
        const open = endpoint.begin(work(), startMs);
        endpoint.firstToken(open, startMs + 30);
        endpoint.end(open, { outputTokens: 101 }, startMs + 30 + 100 * (11 + others));
      }
      return endpoint;
    };
    const stepMs = ({ rates }: EndpointWork, requests: number): number =>
      rates.stepMs + requests * rates.stepMsPerRequest + requests * 1000 * rates.stepMsPerContextToken;

    expect(stepMs(learn(true), 1)).toBeLessThan(14);
    expect(stepMs(learn(true), 41)).toBeGreaterThan(40);
    expect(stepMs(learn(false), 1)).toBeGreaterThan(20);
  });

  it('learns nothing from a prompt that waited behind another but its own share', () => {
    const endpoint = new EndpointWork(DEFAULT_COST_RATES);
    for (let turn = 0; turn < 100; turn += 1) {
      const startMs = turn * 10_000;
      const four = [0, 1, 2, 3].map((place) => endpoint.begin(work({ promptTokens: 5000, cachedTokens: 0, prefillMs: 200 }), startMs + place));
      for (const [place, open] of four.entries()) endpoint.firstToken(open, startMs + 15 + (place + 1) * 200);
      for (const open of four) endpoint.end(open, {}, startMs + 900);
    }

    expect(prefillMs(endpoint.rates, 5000, 0)).toBeGreaterThan(150);
    expect(prefillMs(endpoint.rates, 5000, 0)).toBeLessThan(250);
  });

  it('learns from the time that is told at the end, where the first token was not', () => {
    const endpoint = new EndpointWork(DEFAULT_COST_RATES);
    for (let turn = 0; turn < 100; turn += 1) {
      const open = endpoint.begin(work({ promptTokens: 5000, cachedTokens: 0, told: false }), turn * 10_000);
      endpoint.end(open, { ttftMs: 1000, outputTokens: 10 }, turn * 10_000 + 1500);
    }

    expect(prefillMs(endpoint.rates, 5000, 0)).toBeGreaterThan(700);
  });
});
