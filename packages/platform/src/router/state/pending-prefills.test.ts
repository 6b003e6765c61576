import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PendingPrefill, PendingPrefills } from './pending-prefills.ts';

const prompt = (ms: number, untold = false) => ({ tokens: ms * 10, ms, untold });

describe('pending prefills', () => {
  it('wait one behind the other, the first one less the longer it is computed', () => {
    const pending = new PendingPrefills();
    pending.add(prompt(100), 0);
    pending.add(prompt(50), 0);

    expect([pending.waitMs(0), pending.waitMs(60), pending.waitMs(100)]).toEqual([150, 90, 50]);
    expect([pending.tokens(0), pending.tokens(50)]).toEqual([1500, 1000]);
  });

  it('keep those behind in full while the first one takes longer than predicted', () => {
    const pending = new PendingPrefills();
    const first = pending.add(prompt(100), 0);
    pending.add(prompt(50), 0);
    expect(pending.waitMs(5000)).toBe(50);

    pending.done(first, 5000);

    expect([pending.waitMs(5000), pending.waitMs(5030), pending.count]).toEqual([50, 20, 1]);
  });

  it('let one go from the middle without starting the first one anew', () => {
    const pending = new PendingPrefills();
    const [, middle] = [0, 0, 0].map((atMs) => pending.add(prompt(100), atMs));
    if (middle === undefined) throw new TypeError('none was added');

    pending.done(middle, 40);
    pending.done(middle, 40);

    expect(pending.waitMs(40)).toBe(160);
  });

  it('count as those do that are kept in a list, whatever comes and goes', () => {
    const step = fc.record({ afterMs: fc.nat(200), ms: fc.nat(100), untold: fc.boolean(), done: fc.option(fc.nat(20), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pending = new PendingPrefills();
        let waiting: { entry: PendingPrefill; ms: number; endMs: number; untold: boolean }[] = [];
        const passTo = (atMs: number): void => {
          while (waiting[0]?.untold === true && waiting[0].endMs <= atMs) waiting.shift();
        };
        let nowMs = 0;
        for (const { afterMs, ms, untold, done } of steps) {
          nowMs += afterMs;
          pending.waitMs(nowMs);
          passTo(nowMs);
          const endMs = nowMs + pending.waitMs(nowMs) + ms;
          waiting.push({ entry: pending.add(prompt(ms, untold), nowMs), ms, endMs, untold });
          const gone = done === undefined ? undefined : waiting[done];
          if (gone !== undefined) pending.done(gone.entry, nowMs);
          waiting = waiting.filter((each) => each !== gone);
          pending.waitMs(nowMs);
          passTo(nowMs);
          const sum = waiting.reduce((total, each) => total + each.ms, 0);
          expect(pending.count).toBe(waiting.length);
          expect(pending.waitMs(nowMs)).toBeLessThanOrEqual(sum);
          expect(pending.waitMs(nowMs)).toBeGreaterThanOrEqual(sum - (waiting[0]?.ms ?? 0));
        }
      }),
    );
  });

  it('are over by prediction where nobody tells of first tokens', () => {
    const pending = new PendingPrefills();
    pending.add(prompt(100, true), 0);
    pending.add(prompt(50, true), 10);

    expect([pending.waitMs(10), pending.waitMs(120), pending.waitMs(150)]).toEqual([140, 30, 0]);
    expect([pending.count, pending.tokens(150)]).toEqual([0, 0]);
  });

  it('tell how much of a prompt is on its way into the cache, until it is there', () => {
    const pending = new PendingPrefills();
    const first = pending.add({ ...prompt(100), hashes: [1, 2, 3, 4] }, 0);
    pending.add({ ...prompt(100), hashes: [1, 2, 7] }, 0);
    pending.add(prompt(100), 0);

    expect([[1, 2, 3, 5], [1, 2, 7, 8], [9], []].map((hashes) => pending.match(hashes))).toEqual([3, 3, 0, 0]);

    pending.done(first, 100);

    expect(pending.match([1, 2, 3, 5])).toBe(2);
  });

  it('compare with the last few only', () => {
    const pending = new PendingPrefills();
    pending.add({ ...prompt(100), hashes: [1] }, 0);
    for (let other = 0; other < 16; other += 1) pending.add({ ...prompt(100), hashes: [2] }, 0);

    expect([pending.match([1]), pending.match([2])]).toEqual([0, 1]);
  });
});
