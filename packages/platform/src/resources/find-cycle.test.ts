import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCycle } from './find-cycle.ts';

describe('findCycle', () => {
  it('finds nothing in a graph whose edges all lead upwards', () => {
    const upwards = fc.array(fc.tuple(fc.nat(20), fc.nat(20)).filter(([from, to]) => from < to));
    fc.assert(
      fc.property(upwards, (pairs) => {
        const edges = new Map<string, string[]>();
        for (const [from, to] of pairs) edges.set(String(from), [...(edges.get(String(from)) ?? []), String(to)]);
        return findCycle(edges) === undefined;
      }),
    );
  });

  it('returns a walk along edges that ends where it began', () => {
    const graph = fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(graph, (pairs) => {
        const edges = new Map<string, string[]>();
        for (const [from, to] of pairs) edges.set(String(from), [...(edges.get(String(from)) ?? []), String(to)]);
        const cycle = findCycle(edges);
        if (cycle === undefined) return true;
        return cycle[0] === cycle.at(-1) && cycle.slice(1).every((node, index) => edges.get(cycle[index] ?? '')?.includes(node));
      }),
    );
  });

  it('finds a node that points to itself', () => {
    expect(findCycle(new Map([['a', ['a']]]))).toEqual(['a', 'a']);
  });
});
