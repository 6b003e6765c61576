import type { Span } from '@maru/api/records';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createCacheSavings } from './cache-savings.ts';

const HOUR_MS = 3_600_000;

function room() {
  const passed: Span[] = [];
  const savings = createCacheSavings({ record: (...spans) => void passed.push(...spans) }, createFakeClock(7));
  const record = (kind: Span['kind'], attributes: Record<string, unknown>, fields: Partial<Span> = {}): void =>
    savings.tracer.record({
      traceId: 'a'.repeat(32),
      spanId: '1'.repeat(16),
      parentSpanId: null,
      name: kind,
      kind,
      startMs: 0,
      endMs: 1,
      status: 'ok',
      tenant: 'default',
      model: 'auto',
      attributes,
      ...fields,
    });
  return { savings, record, passed };
}

describe('savings of the answer cache', () => {
  it('are summed per public name, and every span goes on', () => {
    const { savings, record, passed } = room();
    record('cache', { result: 'hit', savedNanoUsd: 4_000_000_000_000 });
    record('cache', { result: 'hit', savedNanoUsd: 250 });
    record('cache', { result: 'hit', savedNanoUsd: null });
    record('cache', { result: 'miss' });
    record('cache', { result: 'miss' }, { model: 'other' });
    record('engine', { result: 'hit', savedNanoUsd: 9 });

    expect(savings.read({ fromMs: 0, toMs: 1 })).toEqual([
      { model: 'auto', hits: 3, misses: 1, savedNanoUsd: 4_000_000_000_250, unpriced: 1 },
      { model: 'other', hits: 0, misses: 1, savedNanoUsd: 0, unpriced: 0 },
    ]);
    expect(passed).toHaveLength(6);
    expect(savings.sinceMs).toBe(7);
  });

  it('are those of the hours that were asked for, of a month at most', () => {
    const { savings, record } = room();
    for (let hour = 0; hour < 800; hour += 1) record('cache', { result: 'miss' }, { startMs: hour * HOUR_MS });

    expect(savings.read({ fromMs: 700 * HOUR_MS, toMs: 702 * HOUR_MS })[0]?.misses).toBe(2);
    expect(savings.read({ fromMs: 0, toMs: 800 * HOUR_MS })[0]?.misses).toBe(720);
  });
});
