import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScaling } from './create-scaling.ts';
import type { FleetSample, ReplicaSample } from './scaling-policy.ts';
import type { ScalingSpec } from './scaling-spec.ts';

const IDLE: ReplicaSample = { running: 0, waiting: 0, kvUse: 0, queuedTokens: 0, decodeTokens: 0 };
const TOTALS = { requests: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0 };

const sample = (atMs: number, replicas: readonly Partial<ReplicaSample>[], more: Partial<FleetSample> = {}): FleetSample => ({
  atMs,
  replicas: replicas.map((replica) => ({ ...IDLE, ...replica })),
  pending: 0,
  held: 0,
  totals: TOTALS,
  ...more,
});
const make = (spec: ScalingSpec) => createScaling(spec, ({ inputTokens }) => (inputTokens > 10_000 ? 0 : 2));

describe('every way to scale', () => {
  it.each(['fixed', 'hpa-queue', 'keda', 'wva', 'dynamo-planner'] as const)(
    '%s wants a whole number of replicas, and the same for the same samples',
    (policy) => {
      const replica = fc.record({
        running: fc.nat(300),
        waiting: fc.nat(300),
        kvUse: fc.double({ min: 0, max: 1, noNaN: true }),
        queuedTokens: fc.nat(100_000),
        decodeTokens: fc.nat(100_000),
        pass: fc.option(fc.record({ prefillTokens: fc.nat(8192), decodeTokens: fc.nat(100_000), wallMs: fc.double({ min: 0, max: 1000, noNaN: true }) }), {
          nil: undefined,
        }),
      });
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.array(replica, { maxLength: 4 }), fc.nat(3), fc.nat(9), fc.nat(5000)), { maxLength: 30 }), (steps) => {
          const [left, right] = [make({ policy }), make({ policy })];
          let atMs = 0;
          let requests = 0;
          for (const [replicas, pending, held, arrived] of steps) {
            atMs += left.everyMs;
            requests += arrived;
            const now = sample(atMs, replicas, {
              pending,
              held,
              totals: { requests, inputTokens: requests * 900, outputTokens: requests * 200, cachedTokens: requests * 100 },
            });
            const wanted = left.decide(now);

            expect(Number.isInteger(wanted) && wanted >= 0).toBe(true);
            expect(right.decide(now)).toBe(wanted);
          }
        }),
        { numRuns: 50 },
      );
    },
  );

  it('refuses a name that there is not, and an interval that is none', () => {
    expect(() => make({ policy: 'magic' as 'fixed' })).toThrow(/no way to scale is called "magic"; use one of: fixed/);
    expect(() => make({ policy: 'keda', everyMs: 0 })).toThrow(/interval must be 100 ms or more/);
    expect(() => make({ policy: 'dynamo-planner', planner: { throughputEveryMs: Number.NaN } })).toThrow(/interval/);
  });
});

describe('the autoscaler on the queue', () => {
  it('grows at once in proportion, at most by four or to the double', () => {
    const hpa = make({ policy: 'hpa-queue', targetWaiting: 4 });

    expect(hpa.decide(sample(0, [{ waiting: 6 }, { waiting: 6 }]))).toBe(3);
    expect(hpa.decide(sample(15_000, [{ waiting: 400 }, { waiting: 400 }]))).toBe(6);
    expect(
      hpa.decide(
        sample(
          30_000,
          Array.from({ length: 10 }, () => ({ waiting: 400 })),
        ),
      ),
    ).toBe(20);
  });

  it('stays within its tolerance, and shrinks only when the highest wish of five minutes is low', () => {
    const hpa = make({ policy: 'hpa-queue', targetWaiting: 10 });

    expect(hpa.decide(sample(0, [{ waiting: 11 }, { waiting: 10 }]))).toBe(2);
    expect(hpa.decide(sample(15_000, [IDLE, IDLE]))).toBe(2);
    expect(hpa.decide(sample(299_000, [IDLE, IDLE]))).toBe(2);
    expect(hpa.decide(sample(301_000, [IDLE, IDLE]))).toBe(0);
  });

  it('counts a replica that starts as one that has nothing', () => {
    expect(make({ policy: 'hpa-queue', targetWaiting: 4 }).decide(sample(0, [{ waiting: 8 }], { pending: 1 }))).toBe(2);
  });
});

describe('the rules of KEDA', () => {
  it('take the trigger that wants most', () => {
    const keda = make({
      policy: 'keda',
      triggers: [
        { metric: 'waiting', threshold: 5 },
        { metric: 'running', threshold: 10 },
      ],
    });

    expect(keda.decide(sample(0, [{ running: 25, waiting: 6 }]))).toBe(3);
  });

  it('go to none after the cooldown, and back to one when the next poll finds a request', () => {
    const keda = make({ policy: 'keda', scaleDownWindowMs: 0 });

    expect(keda.decide(sample(0, [{ running: 1 }]))).toBe(1);
    expect(keda.decide(sample(290_000, [IDLE]))).toBe(1);
    expect(keda.decide(sample(300_000, [IDLE]))).toBe(0);
    expect(keda.decide(sample(301_000, []))).toBe(0);
    expect(keda.decide(sample(315_000, [], { held: 1 }))).toBe(0);
    expect(keda.decide(sample(331_000, [], { held: 1 }))).toBe(1);
  });
});

describe('the saturation rule', () => {
  it('adds one replica where little is to spare, and where every replica is full', () => {
    const wva = make({ policy: 'wva' });

    expect(wva.decide(sample(0, [{ kvUse: 0.75 }, { kvUse: 0.75 }]))).toBe(3);
    expect(wva.decide(sample(0, [{ waiting: 3 }, { waiting: 2 }]))).toBe(3);
    expect(wva.decide(sample(0, [{ kvUse: 0.9 }, { waiting: 9 }]))).toBe(3);
  });

  it('takes one away only where the rest would still have enough, and waits for what starts', () => {
    const wva = make({ policy: 'wva' });

    expect(wva.decide(sample(0, [{ kvUse: 0.3 }, { kvUse: 0.3 }]))).toBe(1);
    expect(wva.decide(sample(0, [{ kvUse: 0.4 }, { kvUse: 0.4 }]))).toBe(2);
    expect(wva.decide(sample(0, [{ waiting: 400 }], { pending: 1 }))).toBe(2);
    expect(wva.decide(sample(0, [IDLE]))).toBe(1);
  });
});

describe('the planner', () => {
  const loaded = (atMs: number, perS: number) => ({
    requests: (perS * atMs) / 1000,
    inputTokens: (perS * atMs * 900) / 1000,
    outputTokens: (perS * atMs * 200) / 1000,
    cachedTokens: 0,
  });

  it('divides the predicted load by what a replica can do, and keeps still before an interval has passed', () => {
    const planner = make({ policy: 'dynamo-planner', planner: { loops: 'throughput', predictor: 'constant' } });

    expect(planner.everyMs).toBe(180_000);
    expect(planner.decide(sample(0, [IDLE]))).toBe(1);
    expect(planner.decide(sample(180_000, [IDLE], { totals: loaded(180_000, 9) }))).toBe(5);
  });

  it('begins nothing while a replica starts', () => {
    const planner = make({ policy: 'dynamo-planner', planner: { loops: 'throughput', predictor: 'constant' } });
    planner.decide(sample(0, [IDLE]));

    expect(planner.decide(sample(180_000, [IDLE], { pending: 1, totals: loaded(180_000, 9) }))).toBe(2);
  });

  /** 100 ms, and 100 ms more per thousand prompt tokens. */
  const pass = (prefillTokens: number) => ({ prefillTokens, decodeTokens: 1000, wallMs: 10 + prefillTokens / 10 });
  const teach = (planner: ReturnType<typeof make>): void => {
    for (let step = 1; step <= 64; step += 1) planner.decide(sample(step, [{ pass: pass((step % 8) * 256) }], { pending: 1 }));
  };

  it('adds one replica when all are late and takes one away when all are early, by the passes that it has seen', () => {
    const planner = make({ policy: 'dynamo-planner', planner: { loops: 'load', ttftMs: 500, itlMs: 50 } });
    teach(planner);

    expect(planner.decide(sample(100, [{ queuedTokens: 9000 }, { queuedTokens: 8000 }]))).toBe(3);
    expect(planner.decide(sample(200, [{ queuedTokens: 9000 }, { queuedTokens: 100 }]))).toBe(2);
    expect(planner.decide(sample(300, [{ queuedTokens: 100 }, { queuedTokens: 0 }]))).toBe(1);
  });

  it('keeps the loop over the load above what the loop over throughput wants', () => {
    const planner = make({ policy: 'dynamo-planner', planner: { loops: 'both', predictor: 'constant', throughputEveryMs: 1000 } });
    planner.decide(sample(0, [IDLE, IDLE, IDLE]));

    expect(planner.decide(sample(1000, [IDLE, IDLE, IDLE], { totals: loaded(1000, 6) }))).toBe(3);
  });

  it('keeps its size where no replica can keep the objectives at all', () => {
    const planner = make({ policy: 'dynamo-planner', planner: { loops: 'throughput' } });
    planner.decide(sample(0, [IDLE, IDLE]));

    expect(planner.decide(sample(180_000, [IDLE, IDLE], { totals: { requests: 100, inputTokens: 2_000_000, outputTokens: 100, cachedTokens: 0 } }))).toBe(2);
  });
});
