import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runGate } from './run-gate.ts';

const open = (atLeast: Record<string, number>, means: Record<string, number>): boolean => {
  try {
    runGate({ name: 'gate', atLeast }, means);
    return true;
  } catch (error) {
    expect(isPlatformError(error, 'gate_failed')).toBe(true);
    return false;
  }
};

describe('runGate', () => {
  it('opens when every mean reaches its threshold, the threshold itself included', () => {
    expect(open({ hit: 0.8, mrr: 0.5 }, { hit: 0.8, mrr: 0.6, ndcg: 0.1 })).toBe(true);
  });

  it('stays closed when one mean is short', () => {
    expect(open({ hit: 0.8, mrr: 0.5 }, { hit: 0.9, mrr: 0.49 })).toBe(false);
  });

  it('stays closed when something was not measured', () => {
    expect(open({ hit: 0.1 }, {})).toBe(false);
  });

  it('stays closed when a mean is not a number', () => {
    expect(open({ hit: 0 }, { hit: Number.NaN })).toBe(false);
  });

  it('names every mean that is short', () => {
    expect(() => runGate({ name: 'quality', atLeast: { hit: 0.8, mrr: 0.5 } }, { hit: 0.5 })).toThrow(
      'the gate "quality" is closed: hit is 0.5 (needs 0.8), mrr was not measured (needs 0.5)',
    );
  });

  it('opens exactly when nothing is short', () => {
    const scores = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(scores, scores, (atLeast, means) => {
        const expected = Object.entries(atLeast).every(([name, threshold]) => (means[name] ?? -1) >= threshold);
        expect(open(atLeast, means)).toBe(expected);
      }),
    );
  });
});
