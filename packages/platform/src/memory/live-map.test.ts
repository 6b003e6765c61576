import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveMap } from './live-map.ts';

const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key: fc.nat(8), value: fc.nat() }),
  fc.record({ kind: fc.constant('take' as const), key: fc.nat(8) }),
);

describe('a live map', () => {
  it('behaves as a Map, whatever is done to it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const live = new LiveMap<number, number>();
        const plain = new Map<number, number>();
        for (const each of steps) {
          if (each.kind === 'set') {
            live.set(each.key, each.value);
            plain.set(each.key, each.value);
          } else {
            expect(live.take(each.key)).toBe(plain.get(each.key));
            plain.delete(each.key);
          }
          expect([...live]).toEqual([...plain]);
          expect([live.size, live.first]).toEqual([plain.size, plain.keys().next().value]);
          for (let key = 0; key < 9; key += 1) expect(live.get(key)).toBe(plain.get(key));
        }
      }),
    );
  });

  it('may lose values while it is walked', () => {
    const live = new LiveMap<string, number>();
    for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) live.set(key, index);
    const seen: number[] = [];
    for (const [key, value] of live) {
      seen.push(value);
      live.take(key);
    }
    expect([seen, live.size]).toEqual([[0, 1, 2, 3], 0]);
  });
});
