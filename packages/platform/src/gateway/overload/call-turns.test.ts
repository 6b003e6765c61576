import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BusyThread, type ThreadCosts } from './__fixtures__/busy-thread.ts';

const costsOf = (callMs: number): ThreadCosts => ({ readMs: callMs / 20, beginMs: callMs / 2, endMs: callMs / 2, refuseMs: callMs / 20 });
const capacityOf = (callMs: number): number => Math.floor(1000 / (callMs * 1.05));
const p99 = (times: readonly number[]): number => [...times].sort((left, right) => left - right)[Math.floor(times.length * 0.99)] ?? Number.NaN;
const anyCallMs = fc.double({ min: 0.3, max: 3, noNaN: true });

describe('the turns of calls', () => {
  it('refuse nobody while the thread keeps up', async () => {
    await fc.assert(
      fc.asyncProperty(anyCallMs, fc.double({ min: 0.05, max: 0.9, noNaN: true }), fc.integer({ min: 0, max: 3000 }), async (callMs, share, modelMs) => {
        const thread = new BusyThread(costsOf(callMs));

        const report = await thread.run({ perSecond: capacityOf(callMs) * share, seconds: 2, modelMs, connections: 10_000 });

        expect(report.refused).toHaveLength(0);
        expect(thread.turns.refused).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('take a burst of 128 calls, also where each is slow', async () => {
    for (const callMs of [0.5, 10]) {
      const thread = new BusyThread(costsOf(callMs));
      await thread.run({ perSecond: 10, seconds: 1, modelMs: 50, connections: 1000 });

      const report = await thread.run({ perSecond: 1_280_000, seconds: 0.0001, modelMs: 50, connections: 1000 });

      expect([report.okMs.length, report.refused.length]).toEqual([128, 0]);
    }
  });

  it('never refuse the first few calls, however long they have kept the thread busy', async () => {
    const thread = new BusyThread(costsOf(20));

    const report = await thread.run({ perSecond: 10_000, seconds: 5, modelMs: 0, connections: 64 });

    expect(report.refused).toHaveLength(0);
  });

  it('do not count calls that wait for their models', async () => {
    const thread = new BusyThread(costsOf(1));

    const report = await thread.run({ perSecond: 400, seconds: 10, modelMs: 8000, connections: 10_000 });

    expect([report.okMs.length, report.refused.length]).toEqual([4000, 0]);
  });

  it('keep what they admit quick under ten times the load, and admit everything again at its end', async () => {
    for (const callMs of [0.4, 0.8, 1.2]) {
      const thread = new BusyThread(costsOf(callMs));
      const load = { modelMs: 50, connections: 1000 };
      const before = await thread.run({ ...load, perSecond: capacityOf(callMs) / 4, seconds: 4 });

      const during = await thread.run({ ...load, perSecond: capacityOf(callMs) * 10, seconds: 11 });
      const endMs = thread.nowMs;
      const after = await thread.run({ ...load, perSecond: capacityOf(callMs) / 4, seconds: 5 });

      // Those of the first second wait as in a burst.
      expect(Math.max(...during.okMs)).toBeLessThan(700);
      expect(p99(during.okMs.slice(capacityOf(callMs)))).toBeLessThan(3 * p99(before.okMs));
      expect(during.okMs.length).toBeGreaterThan(10 * capacityOf(callMs) * 0.4);
      expect(after.lastRefusalMs).toBeLessThan(endMs);
    }
  });

  it('hold the thread at its work where the load is only a little too high', async () => {
    const thread = new BusyThread(costsOf(1));

    const report = await thread.run({ perSecond: capacityOf(1) * 1.2, seconds: 20, modelMs: 50, connections: 1000 });

    expect(report.okMs.length).toBeGreaterThan(20 * capacityOf(1) * 0.9);
    expect(p99(report.okMs)).toBeLessThan(180);
  });

  it('let a quiet caller through where a loud one is refused', async () => {
    const thread = new BusyThread(costsOf(1));

    const report = await thread.run({
      perSecond: 10_000,
      seconds: 10,
      modelMs: 50,
      connections: 1000,
      callerOf: (index) => (index % 200 === 0 ? 7 : 1),
    });

    const of = (callers: readonly number[]): number => callers.filter((caller) => caller === 7).length;
    expect(report.refused.length).toBeGreaterThan(10_000);
    expect(of(report.refused) / (of(report.refused) + of(report.admitted))).toBeLessThan(0.1);
  });

  it('always admit some, and answer everybody', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ readMs: fc.double({ min: 0.01, max: 2, noNaN: true }), callMs: fc.double({ min: 0.1, max: 60, noNaN: true }) }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 2000 }),
        async ({ readMs, callMs }, perSecond, connections) => {
          const thread = new BusyThread({ readMs, beginMs: callMs, endMs: callMs, refuseMs: readMs });

          const report = await thread.run({ perSecond, seconds: 1, modelMs: 20, connections, callerOf: (index) => index % 3 });

          expect(report.okMs.length).toBe(report.admitted.length);
          expect(report.refused.length).toBe(thread.turns.refused);
          expect(thread.turns.waiting).toBe(0);
          expect(report.admitted.length).toBeGreaterThanOrEqual(Math.min(perSecond - 1, connections, 128));
        },
      ),
      { numRuns: 40 },
    );
  });
});
