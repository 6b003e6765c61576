import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { ingest, makePipeline } from './__fixtures__/test-kit.ts';
import { createScheduler, nextDueMs } from './schedule.ts';

const at = (text: string): number => Date.parse(text);
const every = (schedule: string, name = 'nightly') => makePipeline([ingest('a')], { schedule }, name);

describe('nextDueMs', () => {
  it('reads cron expressions in UTC', () => {
    expect(nextDueMs('0 3 * * *', at('2026-11-21T04:00:00Z'))).toBe(at('2026-11-22T03:00:00Z'));
    expect(nextDueMs('*/15 * * * *', at('2026-11-21T04:07:00Z'))).toBe(at('2026-11-21T04:15:00Z'));
  });

  it('knows leap days', () => {
    expect(nextDueMs('0 0 29 2 *', at('2026-11-21T00:00:00Z'))).toBe(at('2028-02-29T00:00:00Z'));
  });

  it('refuses what is not a cron expression', () => {
    expect(() => nextDueMs('every night', 0)).toThrow(expect.objectContaining({ code: 'resource_invalid' }));
    expect(() => nextDueMs('61 * * * *', 0)).toThrow(expect.objectContaining({ code: 'resource_invalid' }));
  });
});

describe('a scheduler', () => {
  it('calls at every due time, again and again', async () => {
    const clock = createFakeClock(at('2026-11-21T04:59:00Z'));
    const due: string[] = [];
    const scheduler = createScheduler(clock, (_, dueMs) => due.push(new Date(dueMs).toISOString()));

    scheduler.set([every('0 * * * *')]);
    await clock.advance(3 * 3_600_000);
    scheduler.close();

    expect(due).toEqual(['2026-11-21T05:00:00.000Z', '2026-11-21T06:00:00.000Z', '2026-11-21T07:00:00.000Z']);
    expect(clock.pending()).toBe(0);
  });

  it('waits longer than a timer of the machine can', async () => {
    const clock = createFakeClock(at('2026-01-01T12:00:00Z'));
    const due: number[] = [];
    const scheduler = createScheduler(clock, (_, dueMs) => due.push(dueMs));

    scheduler.set([every('0 0 1 7 *')]);
    await clock.advance(200 * 86_400_000);
    scheduler.close();

    expect(due).toEqual([at('2026-07-01T00:00:00Z')]);
  });

  it('forgets pipelines that are no longer there, and those without a schedule', async () => {
    const clock = createFakeClock(at('2026-11-21T04:59:00Z'));
    const due: string[] = [];
    const scheduler = createScheduler(clock, (pipeline) => due.push(pipeline.metadata.name));

    scheduler.set([every('0 * * * *', 'one'), every('0 * * * *', 'two')]);
    scheduler.set([every('0 * * * *', 'two'), makePipeline([ingest('a')], {}, 'three')]);
    await clock.advance(3_600_000);
    scheduler.close();

    expect(due).toEqual(['two']);
  });
});
