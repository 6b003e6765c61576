import { describe, expect, it } from 'vitest';
import { makeTrace } from '../__fixtures__/make-trace.ts';
import { simulateTrace } from '../simulate-trace.ts';
import { DEFAULT_FLEET } from '../timed/fleet/fleet-options.ts';
import { parseFlow } from '../timed/flow/parse-flow.ts';
import { openWorkload } from '../workloads/workload.ts';
import { renderReport } from './html/render-report.ts';
import { escapeHtml, shortNumber, svgChart } from './html/svg-chart.ts';
import { estimate } from './seed-statistics.ts';
import { sweepRows } from './sweep-rows.ts';

describe('an estimate', () => {
  it('has the confidence interval of Student', () => {
    expect(estimate([])).toBeUndefined();
    expect(estimate([3])).toEqual({ mean: 3, plusMinus: null });
    // Two values at a distance of 2: s = √2, t(1) = 12.706.
    expect(estimate([1, 3])).toEqual({ mean: 2, plusMinus: expect.closeTo(12.706, 3) });
    expect(estimate([5, 5, 5])).toEqual({ mean: 5, plusMinus: 0 });
  });
});

describe('a result', () => {
  const collapse = (rateScale: number, maxWaiting?: number) =>
    simulateTrace({ trace: makeTrace(300), replicas: 1, policies: ['random'], rateScale, maxWaiting, maxNumSeqs: 8 }).timed[0] ?? expect.fail('no result');

  it('says when the queue has collapsed, and how much load was put on', () => {
    const [calm, flooded] = [collapse(1), collapse(100)];

    expect([calm.collapsed, flooded.collapsed]).toEqual([false, true]);
    expect(flooded.offeredPerS / calm.offeredPerS).toBeCloseTo(100, 6);
    expect(flooded.queueMs).toBeGreaterThan(calm.queueMs);
  });

  it('counts what admission refuses beside the latency of the rest', () => {
    const guarded = collapse(100, 20);

    expect(guarded.shed).toBeGreaterThan(0);
    expect(guarded.completed + guarded.shed + guarded.rejected).toBe(guarded.requests);
    expect(guarded.longestQueue).toBeLessThanOrEqual(20);
  });
});

describe('a report', () => {
  const results = [1, 100].flatMap((rateScale) =>
    ['random', 'maru'].map((policy) => ({
      cell: { policy, rateScale, replicas: 1, kvBlocks: 0, seed: 1 },
      result:
        simulateTrace({ trace: makeTrace(200), replicas: 1, policies: [policy], rateScale, maxNumSeqs: 8, slo: { ttftMs: 500 }, gpuUsdPerHour: 4 }).timed[0] ??
        expect.fail('no result'),
    })),
  );
  const page = renderReport(sweepRows(results), { title: 'A <title>', facts: ['one & two'] });

  it('is one page that fetches nothing and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|https?:\/\/|url\(/);
    expect(page).toContain('A &#60;title&#62;');
    expect(page).toContain('one &#38; two');
  });

  it('plots goodput, hits, balance, price and first tokens, and tells refusals and load beside them', () => {
    for (const text of ['Goodput', 'Prefix cache hits', 'Imbalance', 'Price', 'First token at', 'requests/s', 'refused']) expect(page).toContain(text);
    expect(page).not.toContain('NaN');
  });

  it('tells what flow control did, and what became of each tenant', () => {
    const trace = openWorkload('made:tenants,requests=300,rate=60');
    const flows = ['off', 'concurrency=16,maxWait=5s'].map((flow) => ({
      cell: { policy: 'maru', rateScale: 1, replicas: 1, kvBlocks: 0, seed: 1, flow },
      result: simulateTrace({ trace, replicas: 1, policies: ['maru'], slo: { ttftMs: 2000 }, flow: parseFlow(flow) }).timed[0] ?? expect.fail('no result'),
    }));
    const told = renderReport(sweepRows(flows), { title: 'Flow', facts: [] });

    for (const text of [
      'maru · flow off',
      'maru · flow concurrency=16,maxWait=5s',
      'Fairness between tenants',
      'Wait in the queue',
      'deadline ',
      '<td>urgent</td>',
    ])
      expect(told).toContain(text);
    expect(told).not.toContain('NaN');
    expect(page).not.toContain('Tenants');
  });

  it('draws how a fleet went, with the notices of its nodes', () => {
    const fleet = {
      ...DEFAULT_FLEET,
      scaling: { policy: 'hpa-queue' as const },
      coldStart: { nodeMs: 5000, imageMs: 5000, weightsMs: 5000 },
      faults: [{ atMs: 10_000, kind: 'spot-notice' as const, replica: 0 }],
    };
    const [result] = simulateTrace({ trace: makeTrace(300), replicas: 2, policies: ['least-request'], maxNumSeqs: 4, fleet }).timed;
    const cell = { policy: 'least-request', rateScale: 1, replicas: 2, kvBlocks: 0, seed: 1, scaling: 'hpa-queue' };
    const course = result?.fleet?.course;

    expect(course?.points[0]).toEqual({ atMs: 0, ready: 2, starting: 0, nodes: 2 });
    expect(course?.points.some(({ starting }) => starting > 0)).toBe(true);
    expect(course?.notices).toEqual([{ atMs: 10_000 }]);
    const drawn = renderReport(sweepRows([{ cell, result: result ?? expect.fail('no result') }]), { title: 'Fleet', facts: [] });
    for (const text of ['The fleet over time', 'least-request · hpa-queue', 'class="notice" x1', 'replicas that start']) expect(drawn).toContain(text);
    expect(drawn).not.toMatch(/NaN|<script|https?:\/\//);
    expect(page).not.toContain('The fleet over time');
  });

  it('labels a collapsed policy, and a baseline that has collapsed', () => {
    expect(page).toContain('<span class="flag">collapsed</span>');
    expect(page).toContain('baseline collapsed');
  });
});

describe('a chart', () => {
  it('stays finite for one point, equal points and zeros', () => {
    for (const points of [
      [[1, 1]],
      [
        [1, 0],
        [2, 0],
      ],
      [
        [0, 5],
        [0, 5],
      ],
    ] as const) {
      for (const logX of [false, true])
        expect(svgChart({ title: 't', x: 'x', y: 'y', logX, fromY: 0, series: [{ name: 'a', points }] })).not.toMatch(/NaN|Infinity/);
    }
    expect(svgChart({ title: 't', x: 'x', y: 'y', series: [] })).toBe('');
  });

  it('writes numbers short, and text safely', () => {
    expect([0, 0.123456, 12, 123.4, 12_345].map(shortNumber)).toEqual(['0', '0.123', '12', '123', '12k']);
    expect(escapeHtml('<a href="x">')).toBe('&#60;a href=&#34;x&#34;&#62;');
  });
});
