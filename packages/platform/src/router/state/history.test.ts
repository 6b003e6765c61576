import type { RouteDecision } from '@maru/api/records';
import { describe, expect, it } from 'vitest';
import { createHistory } from './history.ts';

const MINUTE_MS = 60_000;

const decision = (chosen: string, atMs: number): RouteDecision => ({
  id: `dec-${chosen}-${atMs}`,
  requestId: 'req',
  traceId: 'trace',
  atMs,
  route: 'auto',
  model: 'sim',
  reason: 'because',
  policy: 'maru',
  candidates: [],
  chosen,
  promptTokens: 100,
  expectedCachedTokens: 60,
  realisedCachedTokens: null,
  realisedTtftMs: null,
  realisedMs: null,
  outcome: null,
});
const ended = (chosen: string, atMs: number) => ({
  decision: decision(chosen, atMs),
  retry: false,
  hit: { realised: 50, expected: true },
  ttft: { predictedMs: 30, realisedMs: 40 },
});

describe('history of the predictions', () => {
  it('sums what was expected and realised per endpoint and five minutes', () => {
    const history = createHistory();
    history.add(ended('a', 0));
    history.add({ ...ended('a', MINUTE_MS), retry: true, ttft: { predictedMs: 50, realisedMs: 20 } });
    history.add(ended('b', MINUTE_MS));
    history.add(ended('a', 6 * MINUTE_MS));

    const points = history.points();

    expect(points.map(({ endpoint, atMs, decisions }) => [endpoint, atMs, decisions])).toEqual([
      ['a', 0, 2],
      ['b', 0, 1],
      ['a', 5 * MINUTE_MS, 1],
    ]);
    expect(points[0]).toMatchObject({
      retries: 1,
      promptTokens: 200,
      expectedCachedTokens: 120,
      realisedCachedTokens: 100,
      timed: 2,
      predictedTtftMs: 80,
      realisedTtftMs: 60,
      ttftErrorMs: 40,
    });
  });

  it('keeps hits that nobody expected apart', () => {
    const history = createHistory();
    history.add({ ...ended('a', 0), hit: { realised: 90, expected: false }, ttft: undefined });
    history.add({ ...ended('a', 0), hit: undefined });

    expect(history.points()[0]).toMatchObject({ decisions: 2, promptTokens: 0, seenPromptTokens: 100, seenCachedTokens: 90, timed: 1 });
  });

  it('leaves out what ended before a time, and forgets an endpoint', () => {
    const history = createHistory();
    history.add(ended('a', 0));
    history.add(ended('a', 20 * MINUTE_MS));
    history.add(ended('b', 20 * MINUTE_MS));

    expect(history.points(22 * MINUTE_MS).map((point) => point.endpoint)).toEqual(['a', 'b']);
    expect(history.points(25 * MINUTE_MS)).toEqual([]);
    history.forget('a');
    expect(history.points().map((point) => point.endpoint)).toEqual(['b']);
  });

  it('keeps a day of stretches at most', () => {
    const history = createHistory();
    for (let index = 0; index < 400; index += 1) history.add(ended('a', index * 5 * MINUTE_MS));

    expect(history.points()).toHaveLength(288);
    expect(history.points()[0]?.atMs).toBe(112 * 5 * MINUTE_MS);
  });
});
