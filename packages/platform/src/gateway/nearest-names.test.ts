import { describe, expect, it } from 'vitest';
import { nearestNames } from './nearest-names.ts';

const names = ['auto', 'sim-8b', 'reader', 'gpt-5-mini', 'agent/guide'];

describe('nearestNames', () => {
  it.each([
    ['sim-8', ['sim-8b']],
    ['SIM-8B', ['sim-8b']],
    ['guide', ['agent/guide']],
    ['gpt-5', ['gpt-5-mini']],
    ['raeder', ['reader']],
    ['claude', []],
  ])('thinks that %s means %j', (name, expected) => {
    expect(nearestNames(name, names)).toEqual(expected);
  });

  it('names three at most, and does not choke on a long name', () => {
    expect(nearestNames('m', ['m1', 'm2', 'm3', 'm4'])).toHaveLength(3);
    expect(nearestNames('x'.repeat(1_000_000), names)).toEqual([]);
  });
});
