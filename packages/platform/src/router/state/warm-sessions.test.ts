import { describe, expect, it } from 'vitest';
import { WarmSessions } from './warm-sessions.ts';

describe('warm sessions', () => {
  it('are expected back for two minutes after an answer', () => {
    const warm = new WarmSessions();
    warm.waits('a', 1000, 0);
    warm.waits('b', 500, 60_000);

    expect([warm.tokens(60_000), warm.tokens(120_000), warm.tokens(180_000)]).toEqual([1500, 500, 0]);
  });

  it('count once, and no longer when they have come back', () => {
    const warm = new WarmSessions();
    warm.waits('a', 1000, 0);
    warm.waits('a', 1400, 10);
    expect(warm.tokens(10)).toBe(1400);

    warm.left('a');
    warm.left('a');

    expect(warm.tokens(10)).toBe(0);
  });

  it('stay within their number', () => {
    const warm = new WarmSessions();
    for (let number = 0; number < 10_000; number += 1) warm.waits(`s${number}`, 1, 0);

    expect(warm.tokens(0)).toBe(4096);
  });
});
