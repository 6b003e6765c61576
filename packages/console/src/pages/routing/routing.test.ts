import type { RouteDecision } from '@maru/api/records';
import type { CalibrationPoint } from '@maru/api/wire';
import { describe, expect, it } from 'vitest';
import { calibrationCourse } from './calibration-course.ts';
import { scoreTable } from './score-table.ts';

const point = (atMs: number, more: Partial<CalibrationPoint> = {}): CalibrationPoint => ({
  endpoint: 'a',
  atMs,
  decisions: 1,
  retries: 0,
  promptTokens: 100,
  expectedCachedTokens: 50,
  realisedCachedTokens: 40,
  seenPromptTokens: 100,
  seenCachedTokens: 40,
  timed: 2,
  predictedTtftMs: 60,
  realisedTtftMs: 100,
  ttftErrorMs: 40,
  ...more,
});

describe('the course of calibration', () => {
  it('is the mean of each stretch over all endpoints', () => {
    const course = calibrationCourse([point(0), point(0, { endpoint: 'b', predictedTtftMs: 20, timed: 2 }), point(10)], 10);

    expect(course.ttft.predicted).toEqual([
      [0, 20],
      [10, 30],
    ]);
    expect(course.ttft.errorMs).toBe(20);
    expect(course.hit.error).toBeCloseTo(-0.1);
  });

  it('has gaps where nothing was predicted, and knows when there is nothing at all', () => {
    const quiet = { timed: 0, promptTokens: 0, predictedTtftMs: 0, realisedTtftMs: 0 };

    expect(calibrationCourse([point(0), point(100)], 10).ttft.real).toEqual([
      [0, 50],
      [10, null],
      [100, 50],
    ]);
    expect(calibrationCourse([point(0, quiet)], 10)).toMatchObject({ ttft: { real: [], errorMs: null }, hit: { real: [], error: null } });
  });
});

describe('the scores of a decision', () => {
  const decision = (candidates: RouteDecision['candidates']): RouteDecision => ({
    id: 'd',
    requestId: 'r',
    traceId: 't',
    atMs: 0,
    route: 'auto',
    model: 'm',
    reason: '',
    policy: 'maru',
    candidates,
    chosen: 'a',
    promptTokens: 1,
    expectedCachedTokens: 0,
    realisedCachedTokens: null,
    realisedTtftMs: null,
    realisedMs: null,
    outcome: null,
  });
  const candidate = (endpoint: string, total: number, more: Partial<RouteDecision['candidates'][number]> = {}) => ({
    endpoint,
    scores: { total },
    total,
    expectedCachedTokens: 0,
    ...more,
  });

  it('are parts of a cost where the policy reckons in time, without those that are nothing for all', () => {
    const table = scoreTable(
      decision([
        candidate('b', 0.5, { costMs: { queue: 30, prefill: 10, money: 0 } }),
        candidate('a', 1, { costMs: { queue: 0, prefill: 10, money: 0 } }),
        candidate('gone', 0, { removedBy: 'cooling-down' }),
      ]),
    );

    expect(table).toEqual({
      inTime: true,
      columns: ['queue', 'prefill'],
      rows: [
        { endpoint: 'a', values: [0, 10], total: 10 },
        { endpoint: 'b', values: [30, 10], total: 40 },
      ],
    });
  });

  it('are those of the scorers otherwise', () => {
    const table = scoreTable(decision([candidate('a', 1.5, { scores: { prefix: 1, queue: 0 } })]));

    expect(table).toEqual({ inTime: false, columns: ['prefix', 'queue'], rows: [{ endpoint: 'a', values: [1, 0], total: 1.5 }] });
  });
});
