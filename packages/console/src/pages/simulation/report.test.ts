import { newSimulationSchema, type SimulationRow } from '@maru/api/wire';
import { describe, expect, it } from 'vitest';
import { comparedRows, isLike } from './compare-rows.ts';
import { isBest, isMeasured, isNewLoad, linesOver, ttftCharts } from './report-lines.ts';

const value = (mean: number) => ({ mean, plusMinus: null });
const row = (policy: string, speed: number, more: Partial<SimulationRow> & { readonly good?: number } = {}): SimulationRow => ({
  policy,
  speed,
  replicas: 4,
  seeds: 1,
  requests: 100,
  collapsed: false,
  values: { offeredPerS: value(speed * 5), withinSlo: value(more.good ?? 0.5), ttftMeanMs: value(100 / (more.good ?? 0.5)) },
  deltas: {},
  ttftCurve: [[10, 0.5]],
  ...(more.collapsed === undefined ? {} : { collapsed: more.collapsed }),
  ...(more.replicas === undefined ? {} : { replicas: more.replicas }),
});

describe('the report of a simulation', () => {
  const rows = [
    row('random', 4, { collapsed: true, good: 0.9 }),
    row('random', 1, { good: 0.5 }),
    row('maru', 1, { good: 0.8 }),
    row('maru', 4, { good: 0.7 }),
  ];

  it('draws each policy over the load, from the least load on, and what has collapsed hollow', () => {
    expect(linesOver(rows, 'withinSlo')).toEqual([
      {
        label: 'random',
        points: [
          [5, 0.5],
          [20, 0.9],
        ],
        hollow: [false, true],
      },
      {
        label: 'maru',
        points: [
          [5, 0.8],
          [20, 0.7],
        ],
        hollow: [false, false],
      },
    ]);
    expect(linesOver(rows, 'hitRate').flatMap(({ points }) => points)).toEqual([]);
    expect([isMeasured(rows, 'withinSlo'), isMeasured(rows, 'refusedShare')]).toEqual([true, false]);
  });

  it('draws first tokens at the lowest, a middle and the highest load, each once', () => {
    expect(ttftCharts(rows).map(({ load }) => load)).toEqual([5, 20]);
    expect(ttftCharts([row('a', 1), row('a', 2), row('a', 3), row('a', 4), row('a', 5)]).map(({ load }) => load)).toEqual([5, 15, 25]);
  });

  it('tells each load once', () => {
    const ordered = [row('a', 1), row('b', 1), row('a', 2)];

    expect(ordered.map((each) => isNewLoad(each, ordered))).toEqual([true, false, true]);
  });

  it('knows the best of each load; what has collapsed is never best, and nobody is where all are equal', () => {
    const best = (measure: 'withinSlo' | 'ttftMeanMs') => rows.filter((each) => isBest(each, rows, measure)).map(({ policy, speed }) => [policy, speed]);

    expect(best('withinSlo')).toEqual([['maru', 1]]);
    expect(best('ttftMeanMs')).toEqual([['maru', 1]]);
    expect(isBest(row('a', 1), [row('a', 1), row('b', 1)], 'withinSlo')).toBe(false);
  });
});

describe('two simulations', () => {
  it('are compared where both played the same', () => {
    const pairs = comparedRows([row('a', 1), row('b', 1), row('a', 2)], [row('a', 1, { good: 0.9 }), row('b', 1, { replicas: 8 }), row('a', 2)]);

    expect(pairs.map(({ here, there }) => [here.policy, here.speed, there.values.withinSlo?.mean])).toEqual([
      ['a', 1, 0.9],
      ['a', 2, 0.5],
    ]);
  });

  it('are alike when only policies, speeds, fleets and seeds differ', () => {
    const request = newSimulationSchema.parse({ trace: 'made:rag', policies: ['maru'] });

    expect(isLike(request, { ...request, policies: ['random'], speeds: [2], replicas: [1], seeds: 3, name: 'x' })).toBe(true);
    expect(isLike(request, { ...request, ttftMs: 1 })).toBe(false);
    expect(isLike(request, { ...request, trace: 'made:agents' })).toBe(false);
  });
});
