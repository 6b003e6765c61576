import { describe, expect, it } from 'vitest';
import type { PolicyResult, TenantResult } from '../../report/result.ts';
import { type SimulateOptions, simulateTrace } from '../../simulate-trace.ts';
import { parseTrace } from '../../trace/read-trace.ts';
import { openWorkload } from '../../workloads/workload.ts';
import { DEFAULT_FLEET } from '../fleet/fleet-options.ts';
import { parseFlow } from './parse-flow.ts';

const SLO = { ttftMs: 2000, itlMs: 50 };
const FLOW = 'concurrency=64,maxWait=20s';

/** Three times what two replicas can serve, seven tenths of it from one tenant. */
function overload(flow: string, more: Partial<SimulateOptions> = {}, seed = 1): PolicyResult {
  const trace = openWorkload(`made:tenants,requests=1500,rate=60,seed=${seed}`);
  const [result] = simulateTrace({ trace, replicas: 2, policies: ['maru'], slo: SLO, flow: parseFlow(flow), ...more }).timed;
  return result ?? expect.fail('no result');
}

const tenant = (result: PolicyResult, name: string): TenantResult => result.tenants?.each.find(({ tenant: own }) => own === name) ?? expect.fail(name);
const SMALL = ['small-1', 'small-2', 'small-3'];

describe.each([1, 2, 3])('an overload by one tenant, seed %i', (seed) => {
  const [off, on] = ['off', FLOW].map((flow) => overload(flow, {}, seed));
  if (off === undefined || on === undefined) throw new RangeError('two results');

  it('takes from small tenants what they ask for, and with flow control it does not', () => {
    for (const name of SMALL) {
      expect(tenant(off, name).withinSlo).toBeLessThan(0.7);
      expect(tenant(on, name).withinSlo).toBeGreaterThan(0.98);
      expect(tenant(on, name).refused).toBe(0);
    }
    expect(on.tenants?.fairness).toBeGreaterThan(0.9);
    expect(off.tenants?.fairness).toBeLessThan(0.8);
  });

  it('breaks the objective of what is important, and with flow control it does not', () => {
    expect(tenant(off, 'urgent').withinSlo).toBeLessThan(0.8);
    expect(tenant(on, 'urgent')).toMatchObject({ priority: 10, withinSlo: 1, refused: 0 });
    expect(tenant(on, 'urgent').waitMs).toBeLessThan(tenant(on, 'small-1').waitMs ?? 0);
  });

  it('is met by shedding of the big tenant, after a wait, and the engines keep short queues', () => {
    expect(Object.keys(on.flow?.shed ?? {})).toEqual(['deadline']);
    expect(tenant(on, 'big').refused).toBe(on.shed);
    expect(on.flow?.shed['deadline']).toBe(on.shed);
    expect(on.flow?.waited).toBeGreaterThan(0);
    expect(on.flow?.waitMs.p99).toBeLessThanOrEqual(20_100);
    expect(on.longestQueue).toBeLessThan(off.longestQueue / 10);
  });

  it('loses nothing: each request is served or refused', () => {
    for (const result of [off, on]) {
      expect(result.completed + result.shed + result.rejected).toBe(1500);
      expect(result.tenants?.each.reduce((sum, { completed, refused }) => sum + completed + refused, 0)).toBe(1500);
    }
  });
});

describe('flow control in virtual time', () => {
  it('gives the same again for the same seed', () => {
    expect(overload(FLOW)).toEqual(overload(FLOW));
  });

  it('does nothing while there is room', () => {
    const calm = (flow: string): PolicyResult => overload(flow, { rateScale: 0.1 });

    expect(calm('on').flow).toEqual({ waited: 0, waitMs: expect.anything(), shed: {} });
    expect(calm('on').ttftMs).toEqual(calm('off').ttftMs);
    expect(calm('off').flow).toBeUndefined();
  });

  it('works with every way to place requests, also one that does not look at load', () => {
    for (const policy of ['random', 'session-hash', 'least-request', 'precise-prefix'])
      expect(tenant(overload(FLOW, { policies: [policy] }), 'urgent').withinSlo).toBeGreaterThan(0.95);
  });

  it('sheds at once what does not fit into its queue, and takes turns in the queue that is full', () => {
    const { flow } = overload('concurrency=64,maxWait=20s,maxWaiting=100,maxWaitingPerTenant=60');

    expect(flow?.shed['tenant-full']).toBeGreaterThan(0);
  });

  it('holds requests while no replica is ready, and sheds those whose time is over', () => {
    const fleet = { ...DEFAULT_FLEET, coldStart: { nodeMs: 0, imageMs: 0, weightsMs: 30_000 }, faults: [{ atMs: 2000, kind: 'crash', replica: 0 }] } as const;
    const result = overload('maxWait=10s', { replicas: 1, fleet, rateScale: 0.05 });

    expect(result.flow?.shed['deadline']).toBeGreaterThan(0);
    expect(result.fleet?.retried).toBeGreaterThan(0);
    expect(result.completed + result.shed).toBe(1500);
  });

  it('does not keep a request waiting beyond the time that it names', () => {
    const line = (index: number): string =>
      JSON.stringify({ timestamp: index, input_length: 8000, output_length: 50, tenant: 'a', ...(index % 2 === 0 ? { slo_ttft_ms: 500 } : {}) });
    const trace = parseTrace(Array.from({ length: 60 }, (_, index) => line(index)).join('\n'));
    const [result] = simulateTrace({ trace, replicas: 1, policies: ['least-request'], flow: parseFlow('concurrency=2') }).timed;

    expect(result?.shed).toBeGreaterThan(20);
    expect(result?.shed).toBeLessThanOrEqual(30);
    expect(result?.flow?.shed).toEqual({ deadline: result?.shed });
  });

  it('puts tenants beyond the first ones together', () => {
    const line = (index: number): string => JSON.stringify({ timestamp: index, input_length: 10, output_length: 1, tenant: `t${index}` });
    const trace = parseTrace(Array.from({ length: 100 }, (_, index) => line(index)).join('\n'));
    const [result] = simulateTrace({ trace, replicas: 1, policies: ['random'] }).timed;

    expect(result?.tenants?.each).toHaveLength(65);
    expect(result?.tenants?.each[0]).toMatchObject({ tenant: '(others)', requests: 36 });
  });

  it('is refused beside the other admission', () => {
    expect(() => overload('on', { maxWaiting: 4 })).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});
