import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rollingOf, windowAt } from './budget-window.ts';
import { counts } from './quota-store.ts';

const LENGTH_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const times = fc.integer({ min: Date.parse('1999-01-01T00:00:00Z'), max: Date.parse('2100-01-01T00:00:00Z') });
const lengths = fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.constantFrom('m', 'h', 'd'));

describe('a window that rolls', () => {
  it('is as long as it says, in sixty whole steps', () => {
    fc.assert(
      fc.property(lengths, ([count, unit]) => {
        const rolling = rollingOf(`${count}${unit}`);

        expect(rolling).toBeDefined();
        expect((rolling?.stepMs ?? 0) * (rolling?.steps ?? 0)).toBe(count * LENGTH_MS[unit]);
        expect(Number.isInteger(rolling?.stepMs)).toBe(true);
      }),
    );
  });

  it.each(['hour', 'day', 'week', 'month', 'total'])('is none for %s', (window) => {
    expect(rollingOf(window)).toBeUndefined();
  });

  it('counts an amount from its moment on for its whole length less one step at least, and for its length at most', () => {
    fc.assert(
      fc.property(lengths, times, fc.double({ min: 0, max: 2, noNaN: true }), ([count, unit], atMs, later) => {
        const window = `${count}${unit}`;
        const rolling = rollingOf(window);
        const lengthMs = count * LENGTH_MS[unit];
        const { startMs } = windowAt(window, atMs);
        const nowMs = atMs + Math.floor(later * lengthMs);
        const isCounted = counts({ rolling }, startMs, nowMs);

        if (nowMs - atMs < lengthMs - (rolling?.stepMs ?? 0)) expect(isCounted).toBe(true);
        if (nowMs - atMs >= lengthMs) expect(isCounted).toBe(false);
      }),
    );
  });

  it('never counts again what has left it', () => {
    fc.assert(
      fc.property(lengths, times, fc.array(fc.nat(400_000_000), { minLength: 2, maxLength: 20 }), ([count, unit], atMs, waits) => {
        const rolling = rollingOf(`${count}${unit}`);
        const { startMs } = windowAt(`${count}${unit}`, atMs);
        const answers = waits.toSorted((left, right) => left - right).map((wait) => counts({ rolling }, startMs, atMs + wait));

        expect(answers).toEqual(answers.toSorted((left, right) => Number(right) - Number(left)));
      }),
    );
  });

  it('cuts time into steps without gap and overlap', () => {
    fc.assert(
      fc.property(lengths, times, ([count, unit], atMs) => {
        const window = `${count}${unit}`;
        const { startMs, endMs } = windowAt(window, atMs);

        expect(startMs <= atMs && atMs < (endMs ?? 0)).toBe(true);
        expect(windowAt(window, endMs ?? 0).startMs).toBe(endMs);
        expect(windowAt(window, startMs - 1).endMs).toBe(startMs);
      }),
    );
  });
});

describe('calendar windows', () => {
  it('are the same on machines of every time zone, also on the days on which their clocks change', () => {
    // Summer time began or ended in one of the zones within these hours.
    const moments = [
      '2026-03-08T09:30:00Z',
      '2026-03-29T01:30:00Z',
      '2026-10-25T00:30:00Z',
      '2026-11-01T08:30:00Z',
      '2026-04-04T15:30:00Z',
      '2026-12-31T23:59:59.999Z',
    ];
    const program = `import { windowAt } from ${JSON.stringify(new URL('./budget-window.ts', import.meta.url).href)};
      const moments = ${JSON.stringify(moments)}.map((moment) => Date.parse(moment));
      const windows = ['hour', 'day', 'week', 'month', 'total', '1h', '30d'];
      console.log(JSON.stringify(moments.map((moment) => windows.map((window) => windowAt(window, moment)))));`;
    const inZone = (zone: string): string => {
      const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { env: { TZ: zone }, encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      return stdout;
    };
    const here = moments.map((moment) => ['hour', 'day', 'week', 'month', 'total', '1h', '30d'].map((window) => windowAt(window, Date.parse(moment))));

    for (const zone of ['America/Los_Angeles', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Seoul'])
      expect(JSON.parse(inZone(zone))).toEqual(JSON.parse(JSON.stringify(here)));
  });

  it('hold every moment of a month exactly once, whatever its length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1999, max: 2099 }), fc.integer({ min: 0, max: 11 }), (year, month) => {
        const { startMs, endMs } = windowAt('month', Date.UTC(year, month, 15));
        const days = ((endMs ?? 0) - startMs) / 86_400_000;

        expect(days).toBe(new Date(Date.UTC(year, month + 1, 0)).getUTCDate());
        expect([days >= 28, days <= 31]).toEqual([true, true]);
      }),
    );
  });
});
