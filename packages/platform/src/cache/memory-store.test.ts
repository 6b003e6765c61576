import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createMemoryStore } from './memory-store.ts';

describe('the store in memory', () => {
  it('forgets when the time is over', async () => {
    const clock = createFakeClock(0);
    const store = createMemoryStore({ clock, maxBytes: 10_000 });
    store.set('a', Buffer.from('x'), { tenant: 't', expiresMs: 100 });

    await clock.advance(99);
    expect(store.get('a')?.toString()).toBe('x');
    await clock.advance(1);

    expect(store.get('a')).toBeUndefined();
    expect(store.usedBytes).toBe(0);
  });

  it('lets go what was used longest ago', () => {
    const store = createMemoryStore({ clock: createFakeClock(0), maxBytes: 1000 });
    for (const key of ['a', 'b', 'c']) {
      if (key === 'c') store.get('a');
      store.set(key, Buffer.alloc(100), { tenant: 't', expiresMs: 100 });
    }

    expect(['a', 'b', 'c'].filter((key) => store.get(key) !== undefined)).toEqual(['a', 'c']);
  });

  it('never holds more than it may, and counts what it holds', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 20 }), size: fc.integer({ min: 0, max: 3000 }), ttl: fc.integer({ min: -5, max: 50 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const store = createMemoryStore({ clock: createFakeClock(0), maxBytes: 5000 });
        for (const { key, size, ttl } of steps) {
          store.set(`k${key}`, Buffer.alloc(size), { tenant: 't', expiresMs: ttl });
          expect(store.usedBytes).toBeLessThanOrEqual(5000);
        }
        let held = 0;
        for (let key = 0; key <= 20; key += 1) held += store.get(`k${key}`)?.length ?? 0;
        expect(held).toBeLessThanOrEqual(store.usedBytes);
      }),
    );
  });

  it('does not take what is larger than all its room', () => {
    const store = createMemoryStore({ clock: createFakeClock(0), maxBytes: 1000 });
    store.set('a', Buffer.alloc(10), { tenant: 't', expiresMs: 100 });
    store.set('b', Buffer.alloc(2000), { tenant: 't', expiresMs: 100 });

    expect(store.get('a')).toBeDefined();
    expect(store.get('b')).toBeUndefined();
  });
});
