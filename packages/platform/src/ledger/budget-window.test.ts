import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourOf, windowAt } from './budget-window.ts';

const BUDGET_WINDOWS = ['hour', 'day', 'week', 'month', 'total'] as const;
const at = (iso: string): number => Date.parse(iso);
const times = fc.integer({ min: at('1999-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z') });

describe('budget window', () => {
  it.each([
    ['hour', '2026-11-21T10:59:59.999Z', '2026-11-21T10:00:00.000Z', '2026-11-21T11:00:00.000Z'],
    ['day', '2026-11-21T00:00:00.000Z', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
    ['week', '2026-11-22T23:59:59.999Z', '2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ['week', '2026-11-23T00:00:00.000Z', '2026-11-23T00:00:00.000Z', '2026-11-30T00:00:00.000Z'],
    ['month', '2026-11-30T23:59:59.999Z', '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
    ['month', '2026-12-31T23:59:59.999Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['month', '2028-02-29T12:00:00.000Z', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    ['month', '2027-02-28T23:59:59.999Z', '2027-02-01T00:00:00.000Z', '2027-03-01T00:00:00.000Z'],
  ] as const)('%s of %s begins at %s and ends at %s', (window, time, start, end) => {
    const span = windowAt(window, at(time));

    expect([new Date(span.startMs).toISOString(), new Date(span.endMs ?? 0).toISOString()]).toEqual([start, end]);
  });

  it('has one window for ever under total', () => {
    expect(windowAt('total', at('2026-11-21T10:00:00Z'))).toEqual({ startMs: 0, endMs: undefined });
  });

  it('holds its moment, and every moment in it has the same window', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BUDGET_WINDOWS), times, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (window, time, share) => {
        const span = windowAt(window, time);
        const end = span.endMs ?? Number.POSITIVE_INFINITY;
        expect(span.startMs <= time && time < end).toBe(true);
        const inside = span.endMs === undefined ? time : span.startMs + Math.floor(share * (end - span.startMs));
        expect(windowAt(window, inside)).toEqual(span);
      }),
    );
  });

  it('is followed by its neighbour without gap and overlap', () => {
    fc.assert(
      fc.property(fc.constantFrom('hour', 'day', 'week', 'month'), times, (window, time) => {
        const { startMs, endMs } = windowAt(window, time);
        expect(windowAt(window, endMs ?? 0).startMs).toBe(endMs);
        expect(windowAt(window, startMs - 1).endMs).toBe(startMs);
      }),
    );
  });

  it('begins weeks on Monday and months on the first, at midnight UTC, whatever the time zone of the machine', () => {
    fc.assert(
      fc.property(times, (time) => {
        expect(new Date(windowAt('week', time).startMs).getUTCDay()).toBe(1);
        const month = new Date(windowAt('month', time).startMs);
        expect([month.getUTCDate(), month.getUTCHours(), month.getTime() % 1000]).toEqual([1, 0, 0]);
        expect(month.getUTCMonth()).toBe(new Date(time).getUTCMonth());
        expect(windowAt('hour', time).startMs).toBe(hourOf(time));
      }),
    );
  });
});
