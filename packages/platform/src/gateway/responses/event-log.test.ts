import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { EventLog } from './event-log.ts';
import type { ResponseEvent } from './response-store.ts';

describe('an event log', () => {
  it('writes every event once and in order, whatever the database takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 40 }), { maxLength: 400 }), async (pauses) => {
        const clock = createFakeClock();
        const written: ResponseEvent[] = [];
        const append = async (events: readonly ResponseEvent[]): Promise<boolean> => {
          await Promise.resolve();
          written.push(...events);
          return true;
        };
        const log = new EventLog({ clock, first: 2, append });
        for (const [index, pauseMs] of pauses.entries()) {
          await log.add({ index, sequence_number: 99 });
          if (pauseMs > 20) await clock.advance(pauseMs);
        }
        await log.close();
        expect(written).toEqual(pauses.map((_, index) => ({ index, sequence_number: index + 2 })));
      }),
      { numRuns: 50 },
    );
  });

  it('writes together what comes together', async () => {
    const clock = createFakeClock();
    const sizes: number[] = [];
    const log = new EventLog({ clock, first: 0, append: async (events) => sizes.push(events.length) > 0 });
    for (let index = 0; index < 10; index += 1) await log.add({ index });
    await clock.advance(25);
    await log.add({ index: 10 });
    await log.close();

    expect(sizes).toEqual([10, 1]);
  });

  it.each([
    ['the response is no longer being made', async () => false, 'cancelled'],
    ['the database fails', async () => Promise.reject(new TypeError('disk full')), 'disk full'],
  ])('says when %s, and writes nothing more', async (_name, append, words) => {
    const clock = createFakeClock();
    let calls = 0;
    const count = (): Promise<boolean> => {
      calls += 1;
      return append();
    };
    const log = new EventLog({ clock, first: 0, append: count });
    await log.add({});
    await clock.advance(25);

    await expect(log.add({})).rejects.toThrow(words);
    await expect(log.close()).rejects.toThrow(words);
    expect(calls).toBe(1);
  });
});
