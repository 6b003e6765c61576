import { describe, expect, it } from 'vitest';
import { PendingPrefills } from './pending-prefills.ts';

const prompt = (ms: number, untold = false) => ({ tokens: ms * 10, ms, untold });

describe('pending prefills', () => {
  it('wait one behind the other, the first one less the longer it is computed', () => {
    const pending = new PendingPrefills();
    pending.add('a', prompt(100), 0);
    pending.add('b', prompt(50), 0);

    expect([pending.waitMs(0), pending.waitMs(60), pending.waitMs(100)]).toEqual([150, 90, 50]);
    expect([pending.tokens(0), pending.tokens(50)]).toEqual([1500, 1000]);
  });

  it('keep those behind in full while the first one takes longer than predicted', () => {
    const pending = new PendingPrefills();
    pending.add('a', prompt(100), 0);
    pending.add('b', prompt(50), 0);
    expect(pending.waitMs(5000)).toBe(50);

    pending.done('a', 5000);

    expect([pending.waitMs(5000), pending.waitMs(5030), pending.count]).toEqual([50, 20, 1]);
  });

  it('let one go from the middle without starting the first one anew', () => {
    const pending = new PendingPrefills();
    for (const id of ['a', 'b', 'c']) pending.add(id, prompt(100), 0);

    pending.done('b', 40);
    pending.done('unknown', 40);

    expect(pending.waitMs(40)).toBe(160);
  });

  it('are over by prediction where nobody tells of first tokens', () => {
    const pending = new PendingPrefills();
    pending.add('a', prompt(100, true), 0);
    pending.add('b', prompt(50, true), 10);

    expect([pending.waitMs(10), pending.waitMs(120), pending.waitMs(150)]).toEqual([140, 30, 0]);
    expect([pending.count, pending.tokens(150)]).toEqual([0, 0]);
  });
});
