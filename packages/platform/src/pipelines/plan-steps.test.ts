import type { RunState } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ancestorsOf, type PlannedStep, planSteps } from './plan-steps.ts';

/** A graph without circles: a step needs only steps that stand before it. */
const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .map((rows) =>
    rows.map((needs, index): PlannedStep => ({ name: `s${index}`, needs: index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))] })),
  );

/** Runs a graph in rounds; `fails` decides about each step. */
function simulate(steps: readonly PlannedStep[], fails: (name: string) => boolean): { order: string[][]; states: Map<string, RunState> } {
  const states = new Map<string, RunState>();
  const order: string[][] = [];
  for (;;) {
    const next = planSteps(steps, states);
    if (next.ready.length === 0 && next.skipped.length === 0) return { order, states };
    for (const name of next.skipped) states.set(name, 'cancelled');
    for (const name of next.ready) states.set(name, fails(name) ? 'failed' : 'succeeded');
    order.push([...next.ready]);
  }
}

describe('planSteps', () => {
  it('starts a step only after everything that it needs', () => {
    fc.assert(
      fc.property(graphs, (steps) => {
        const done = new Set<string>();
        for (const round of simulate(steps, () => false).order) {
          for (const name of round) for (const need of steps.find((step) => step.name === name)?.needs ?? []) expect(done.has(need)).toBe(true);
          for (const name of round) done.add(name);
        }
        expect(done.size).toBe(steps.length);
      }),
    );
  });

  it('starts every step once, as early as it can', () => {
    fc.assert(
      fc.property(graphs, (steps) => {
        const { order } = simulate(steps, () => false);
        const round = new Map(order.flatMap((names, index) => names.map((name) => [name, index] as const)));
        expect(order.flat().length).toBe(new Set(order.flat()).size);
        for (const step of steps) {
          const latest = Math.max(-1, ...step.needs.map((need) => round.get(need) ?? Number.NaN));
          expect(round.get(step.name)).toBe(latest + 1);
        }
      }),
    );
  });

  it('skips exactly what stands behind a failure', () => {
    fc.assert(
      fc.property(graphs, fc.nat(), (steps, pick) => {
        const broken = `s${pick % steps.length}`;
        const { states } = simulate(steps, (name) => name === broken);
        for (const step of steps) {
          const expected = step.name === broken ? 'failed' : ancestorsOf(steps, step.name).has(broken) ? 'cancelled' : 'succeeded';
          expect(states.get(step.name)).toBe(expected);
        }
      }),
    );
  });

  it('waits for steps that are running', () => {
    const steps = [
      { name: 'a', needs: [] },
      { name: 'b', needs: ['a'] },
    ];

    expect(planSteps(steps, new Map([['a', 'running']]))).toEqual({ ready: [], skipped: [] });
  });

  it('keeps the order of the resource among steps that are ready together', () => {
    const steps = ['c', 'a', 'b'].map((name) => ({ name, needs: [] }));

    expect(planSteps(steps, new Map()).ready).toEqual(['c', 'a', 'b']);
  });
});

describe('ancestorsOf', () => {
  it('follows needs through other steps', () => {
    const steps = [
      { name: 'a', needs: [] },
      { name: 'b', needs: ['a'] },
      { name: 'c', needs: ['b'] },
      { name: 'd', needs: [] },
    ];

    expect([...ancestorsOf(steps, 'c')].sort()).toEqual(['a', 'b']);
    expect([...ancestorsOf(steps, 'd')]).toEqual([]);
  });
});
