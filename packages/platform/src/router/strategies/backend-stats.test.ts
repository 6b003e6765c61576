import { describe, expect, it } from 'vitest';
import { createBackendStats } from './backend-stats.ts';

const ended = { outcome: 'ok', ttftMs: 80, durationMs: 900, moreTokens: 0, costNanoUsd: undefined } as const;

describe('what is known of a backend', () => {
  it('counts what runs and what the last minute took', () => {
    const stats = createBackendStats();
    stats.begin('a', 300, 0);
    stats.begin('a', 200, 1000);
    stats.end('a', { ...ended, moreTokens: -50 }, 2000);

    expect(stats.of('a', 2000)).toEqual({ inFlight: 1, firstTokenMs: 80, answerMs: undefined, usedRequests: 2, usedTokens: 450 });
    expect(stats.of('a', 90_000)).toMatchObject({ inFlight: 1, usedRequests: 0, usedTokens: 0 });
    expect(stats.of('b', 0)).toEqual({ inFlight: 0, firstTokenMs: undefined, answerMs: undefined, usedRequests: 0, usedTokens: 0 });
  });

  it('keeps the first tokens of streams apart from answers that came as a whole', () => {
    const stats = createBackendStats();
    stats.end('a', ended, 10);
    stats.end('a', { ...ended, ttftMs: undefined, durationMs: 2500 }, 10);
    stats.end('a', { ...ended, outcome: 'cancelled', ttftMs: undefined, durationMs: 90_000 }, 10);

    expect(stats.of('a', 10)).toMatchObject({ firstTokenMs: 80, answerMs: 2500 });
  });

  it('takes a failure for slowness, and a client that goes for nothing', () => {
    const stats = createBackendStats();
    stats.begin('a', 1, 0);
    stats.end('a', { ...ended, outcome: 'error', ttftMs: undefined }, 10);
    stats.begin('b', 1, 0);
    stats.end('b', { ...ended, outcome: 'cancelled', ttftMs: undefined }, 10);

    expect(stats.of('a', 10)).toMatchObject({ firstTokenMs: 1000, answerMs: 1000 });
    expect(stats.of('b', 10)).toMatchObject({ firstTokenMs: undefined, answerMs: undefined });
  });

  it('sums money over the time of a budget', () => {
    const stats = createBackendStats();
    expect(stats.spentNanoUsd('a', 3_600_000, 0)).toBe(0);
    stats.begin('a', 1, 0);
    stats.end('a', { ...ended, costNanoUsd: 700 }, 1000);

    expect(stats.spentNanoUsd('a', 3_600_000, 60_000)).toBe(700);
    expect(stats.spentNanoUsd('a', 3_600_000, 5 * 3_600_000)).toBe(0);
  });

  it('never counts below nothing', () => {
    const stats = createBackendStats();
    stats.end('a', { ...ended, moreTokens: -500 }, 0);

    expect(stats.of('a', 0)).toMatchObject({ inFlight: 0, usedTokens: 0 });
  });
});
