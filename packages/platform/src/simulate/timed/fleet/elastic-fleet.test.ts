import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTrace } from '../../__fixtures__/make-trace.ts';
import { type SimulateOptions, simulateTrace } from '../../simulate-trace.ts';
import { DEFAULT_FLEET, type FleetOptions } from './fleet-options.ts';

const trace = makeTrace(300);
const play = (fleet: Partial<FleetOptions> | undefined, more: Partial<SimulateOptions> = {}) => {
  const { timed } = simulateTrace({
    trace,
    replicas: 2,
    policies: ['least-request'],
    ...more,
    fleet: fleet === undefined ? undefined : { ...DEFAULT_FLEET, ...fleet },
  });
  return timed[0] ?? expect.fail('no result');
};
const SOON = { nodeMs: 2000, imageMs: 3000, weightsMs: 1000 };

describe('a fleet that changes', () => {
  it('is as one that does not, while nothing happens', () => {
    const { fleet, ...figures } = play({});

    expect(figures).toEqual(play(undefined));
    expect(fleet).toMatchObject({ scaling: 'fixed', scaleUps: 0, scaleDowns: 0, meanReady: 2, mostReady: 2, retried: 0, interruptions: 0 });
    expect(fleet?.gpuHours).toBeCloseTo((2 * figures.makespanMs) / 3_600_000, 2);
  });

  it('completes every request exactly once, whatever befalls it', () => {
    const kinds = ['crash', 'hang', 'slow', 'xid', 'spot-notice'] as const;
    const fault = fc.record({ atMs: fc.nat(40_000), kind: fc.constantFrom(...kinds), replica: fc.nat(4), durationMs: fc.nat(20_000) });
    fc.assert(
      fc.property(
        fc.array(fault, { maxLength: 8 }),
        fc.constantFrom('fixed' as const, 'hpa-queue' as const, 'wva' as const, 'dynamo-planner' as const),
        fc.nat(5000),
        (faults, policy, drainMs) => {
          const spot = { interruptionsPerNodeHour: 60, noticeMs: 1000 };
          const result = play({ faults, drainMs, spot, coldStart: SOON, scaling: { policy, everyMs: 1000 } }, { rateScale: 3 });

          expect(result).toMatchObject({ requests: 300, completed: 300, rejected: 0, shed: 0 });
        },
      ),
      { numRuns: 6 },
    );
  });

  it('is the same for the same seed', () => {
    const fleet = { spot: { interruptionsPerNodeHour: 120, noticeMs: 500 }, coldStart: SOON };

    expect(play(fleet, { seed: 5 })).toEqual(play(fleet, { seed: 5 }));
    expect(play(fleet, { seed: 5 }).fleet?.interruptions).toBeGreaterThan(0);
  });

  it('begins anew what a crash has broken, and loses more time with the GPU', () => {
    const calm = play({ coldStart: SOON });
    const crash = play({ coldStart: SOON, faults: [{ atMs: 5000, kind: 'crash', replica: 0 }] });
    const xid = play({ coldStart: SOON, faults: [{ atMs: 5000, kind: 'xid', replica: 0 }] });

    expect(crash.fleet?.retried).toBeGreaterThan(0);
    expect(crash.hitRate).toBeLessThan(calm.hitRate);
    expect(xid.fleet?.meanReady).toBeLessThan(crash.fleet?.meanReady ?? 0);
  });

  it('is late where a replica hangs, and later the longer it does', () => {
    const worst = (durationMs: number): number => play({ faults: [{ atMs: 3000, kind: 'hang', replica: 0, durationMs }] }).ttftMs.p99 ?? 0;

    expect(worst(10_000)).toBeGreaterThan(worst(1000));
    expect(worst(10_000)).toBeGreaterThan(5000);
    expect(play({ faults: [{ atMs: 0, kind: 'slow', replica: 0, durationMs: 60_000, factor: 5 }] }).itlMs.mean).toBeGreaterThan(
      (play({}).itlMs.mean ?? 0) * 1.5,
    );
  });

  it('lets a replica finish before it goes, and begins anew what it had no time for', () => {
    /** Wants one replica of two. */
    const scaling = { policy: 'wva', everyMs: 3000 } as const;

    expect(play({ scaling }).fleet).toMatchObject({ scaleDowns: 1, retried: 0 });
    expect(play({ scaling, drainMs: 0 }).fleet?.retried).toBeGreaterThan(0);
  });

  it('replaces at once what the cloud takes away, and pays for both until the notice is over', () => {
    const result = play({ coldStart: SOON, faults: [{ atMs: 5000, kind: 'spot-notice', replica: 1 }] });

    expect(result.fleet).toMatchObject({ interruptions: 1, mostReady: 2 });
    expect(result.fleet?.meanReady).toBeGreaterThan(1);
    expect(result.fleet?.meanReady).toBeLessThan(2);
  });

  it('starts from none when a request comes, which waits for node, image and weights', () => {
    const { ttftMs, fleet } = play({ least: 0, coldStart: SOON, scaling: { policy: 'keda' } }, { replicas: 1 });

    expect(fleet).toMatchObject({ scaling: 'keda' });
    expect(ttftMs.p50).toBeGreaterThan(0);
    const cold = simulateTrace({
      trace: { blockTokens: 512, requests: [{ atMs: 1_000_000, inputTokens: 100, outputTokens: 5, blocks: [] }] },
      replicas: 1,
      policies: ['maru'],
      fleet: { ...DEFAULT_FLEET, least: 0, scaling: { policy: 'keda' } },
    }).timed[0];
    // Until the next poll of KEDA, and then the whole cold start.
    expect(cold?.ttftMs.mean).toBeGreaterThan(360_000);
    expect(cold?.ttftMs.mean).toBeLessThan(400_000);
    expect(cold?.fleet?.scaleDowns).toBe(1);
  });

  it('reads the image once per node', () => {
    const burst = { coldStart: { nodeMs: 4000, imageMs: 4000, weightsMs: 500 }, scaling: { policy: 'hpa-queue', everyMs: 1000, targetWaiting: 1 } } as const;
    const alone = play({ ...burst, replicasPerNode: 1 }, { rateScale: 20, maxNumSeqs: 4, replicas: 1 });
    const together = play({ ...burst, replicasPerNode: 8 }, { rateScale: 20, maxNumSeqs: 4, replicas: 1 });

    expect(together.ttftMs.mean).toBeLessThan(alone.ttftMs.mean ?? 0);
  });

  it.each([
    [{ least: 3, most: 2 }, /most replicas must be a whole number of 3 or more/],
    [{ least: -1 }, /least number of replicas/],
    [{ replicasPerNode: 0 }, /a node must hold/],
    [{ drainMs: -1 }, /drainMs of the fleet must be 0 or more/],
    [{ coldStart: { ...SOON, nodeMs: Number.NaN } }, /nodeMs of the fleet/],
    [{ faults: [{ atMs: -1, kind: 'crash' as const, replica: 0 }] }, /a fault needs a time/],
  ])('is refused where its figures are none: %j', (fleet, message) => {
    expect(() => play(fleet)).toThrow(message);
    expect(() => play(fleet)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});
