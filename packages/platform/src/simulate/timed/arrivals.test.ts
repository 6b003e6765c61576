import { describe, expect, it } from 'vitest';
import type { TraceRequest } from '../trace/trace-request.ts';
import { startArrivals } from './arrivals.ts';
import { createVirtualClock } from './virtual-clock.ts';

const request = (atMs: number, more: Partial<TraceRequest> = {}): TraceRequest => ({ atMs, inputTokens: 1, outputTokens: 1, blocks: [], ...more });

/** Plays the requests; each takes `tookMs`. Gives the times at which they arrived. */
function play(requests: readonly TraceRequest[], options: { readonly tookMs: number; readonly rateScale?: number }): readonly (readonly [string, number])[] {
  const clock = createVirtualClock();
  const seen: (readonly [string, number])[] = [];
  const arrivals = startArrivals({
    requests,
    clock,
    rateScale: options.rateScale ?? 1,
    arrive: (arrived) => {
      seen.push([arrived.id ?? '-', clock.monotonicMs()]);
      clock.schedule(options.tookMs, () => arrivals.ended(arrived));
    },
  });
  clock.run();
  expect(arrivals.parked).toBe(0);
  return seen;
}

describe('arrivals', () => {
  it('come at their times, faster by the rate', () => {
    const times = (rateScale: number): readonly number[] => play([request(0), request(100)], { tookMs: 1, rateScale }).map(([, atMs]) => atMs);

    expect(times(1)).toEqual([0, 100]);
    expect(times(4)).toEqual([0, 25]);
  });

  it('wait for what stands before them, and then for their own delay', () => {
    expect(play([request(0, { id: 'a' }), request(10, { id: 'b', after: ['a'], delayMs: 30 })], { tookMs: 500 })).toEqual([
      ['a', 0],
      ['b', 530],
    ]);
  });

  it('wait for all that share an id, and for several ids', () => {
    const seen = play([request(0, { id: 'a' }), request(40, { id: 'a' }), request(50, { id: 'b' }), request(60, { id: 'c', after: ['a', 'b'] })], {
      tookMs: 100,
    });

    expect(seen.at(-1)).toEqual(['c', 150]);
  });

  it('do not wait for what has ended, was never there, or is themselves', () => {
    expect(play([request(0, { id: 'a' }), request(900, { id: 'b', after: ['a', 'nobody', 'b'], delayMs: 5 })], { tookMs: 10 }).at(-1)).toEqual(['b', 905]);
  });
});
