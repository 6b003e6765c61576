import type { RouteDecision } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkerReport } from './messages.ts';
import { sumMetrics } from './sum-metrics.ts';
import { createWorkerReports } from './worker-reports.ts';

const decisionOf = (id: string, realisedCachedTokens: number | null = null): RouteDecision =>
  ({ id, atMs: 1, route: 'r', model: 'm', chosen: 'e', realisedCachedTokens }) as RouteDecision;

const reportOf = (requests: number, more: Partial<WorkerReport> = {}): WorkerReport => ({
  active: 2,
  metrics: [
    { name: 'requests_total', help: 'h', type: 'counter', samples: [{ labels: { endpoint: 'e' }, value: requests }] },
    { name: 'running', help: 'h', type: 'gauge', samples: [{ value: 1 }] },
  ],
  counters: { e: { requests, errors: 1 } },
  resting: [],
  decisions: [],
  ...more,
});
const readMetric = (reports: ReturnType<typeof createWorkerReports>, name: string): number | undefined =>
  reports.metrics().find((family) => family.name === name)?.samples[0]?.value;

describe('reports of workers', () => {
  it('add up; the last of each counts', () => {
    const reports = createWorkerReports();
    reports.take(1, reportOf(5));
    reports.take(1, reportOf(7));
    reports.take(2, reportOf(10, { resting: ['e'] }));

    expect(reports.active()).toBe(4);
    expect(reports.counters.of('e')).toEqual({ requests: 17, errors: 2 });
    expect(reports.counters.of('nobody')).toEqual({ requests: 0, errors: 0 });
    expect([readMetric(reports, 'requests_total'), readMetric(reports, 'running')]).toEqual([17, 2]);
    expect([reports.isResting('e'), reports.isResting('f')]).toEqual([true, false]);
  });

  it('find a decision of any worker', () => {
    const reports = createWorkerReports();
    reports.take(1, reportOf(1, { decisions: [decisionOf('dec-1')] }));
    reports.take(2, reportOf(1, { decisions: [decisionOf('dec-2', 64)] }));

    expect([reports.decision('dec-2')?.realisedCachedTokens, reports.decision('dec-3')]).toEqual([64, undefined]);
  });

  it('keep what a worker has counted when it ends, and nothing that has ended with it', () => {
    const reports = createWorkerReports();
    reports.take(1, reportOf(5));
    reports.ended(1);
    reports.ended(1);
    reports.take(1, reportOf(2));

    expect(reports.counters.of('e')).toEqual({ requests: 7, errors: 2 });
    expect([readMetric(reports, 'requests_total'), readMetric(reports, 'running')]).toEqual([7, 1]);
    expect(reports.active()).toBe(2);
  });

  it('never let a counter go back, whoever reports and dies', () => {
    const step = fc.record({ worker: fc.integer({ min: 1, max: 3 }), dies: fc.boolean(), more: fc.integer({ min: 0, max: 50 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const reports = createWorkerReports();
        const own = new Map<number, number>();
        let before = 0;
        for (const { worker, dies, more } of steps) {
          if (dies) {
            reports.ended(worker);
            own.delete(worker);
          } else {
            own.set(worker, (own.get(worker) ?? 0) + more);
            reports.take(worker, reportOf(own.get(worker) ?? 0));
          }
          const now = readMetric(reports, 'requests_total') ?? 0;
          expect(now).toBeGreaterThanOrEqual(before);
          before = now;
        }
      }),
    );
  });

  it('show a decision once, as it was said last', () => {
    const reports = createWorkerReports();
    reports.take(1, reportOf(1, { decisions: [decisionOf('a'), decisionOf('b')] }));
    reports.take(1, reportOf(1, { decisions: [decisionOf('a', 64)] }));

    expect(reports.decisions().map(({ id, realisedCachedTokens }) => [id, realisedCachedTokens])).toEqual([
      ['b', null],
      ['a', 64],
    ]);
  });
});

describe('sumMetrics', () => {
  it('adds samples with the same labels in any order, takes the greatest where a family says so, keeps the rest apart', () => {
    const family = (value: number, labels: Record<string, string>, over?: 'max') => ({
      name: over === undefined ? 'sum' : 'most',
      help: 'h',
      type: 'gauge' as const,
      ...(over === undefined ? {} : { over }),
      samples: [{ labels, value }],
    });

    const summed = sumMetrics([
      [family(1, { a: '1', b: '2' }), family(0.5, {}, 'max')],
      [family(2, { b: '2', a: '1' }), family(0.7, {}, 'max')],
      [family(4, { a: '1' })],
    ]);

    expect(summed.map((each) => each.samples.map((sample) => sample.value))).toEqual([[3, 4], [0.7]]);
  });
});
