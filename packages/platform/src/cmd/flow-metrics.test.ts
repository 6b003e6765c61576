import { describe, expect, it } from 'vitest';
import { createFlowControl, flowSettings } from '#router';
import { createFakeClock } from '#time';
import { flowMetrics } from './flow-metrics.ts';

const settings = flowSettings(undefined);
const request = { tenant: 'a', program: 'p', costTokens: 10, bytes: 1 };

describe('the metrics of flow control', () => {
  it('count what waits, what has waited and for how long, and what was shed by which reason', async () => {
    if (settings === undefined) throw new RangeError('flow control is on where nothing is said');
    const clock = createFakeClock();
    const flow = createFlowControl(clock);
    const world = { free: 0 };
    const model = { model: 'm', settings, hasRoom: () => world.free > 0 };
    const outcome = {
      go: () => {
        world.free -= 1;
      },
      shed: () => undefined,
    };
    for (const priority of [7, 7, 0, 0]) flow.wait(model, { ...request, priority }, outcome);
    flow.wait(model, { ...request, priority: 0, deadlineMs: clock.monotonicMs() }, outcome);
    await clock.advance(250);
    world.free = 1;
    flow.freed('m');

    const [waiting, waited, waitMs, shed] = flowMetrics(flow.counts());

    expect([waiting, waited, waitMs, shed].map((family) => [family?.name, family?.type])).toEqual([
      ['maru_flow_waiting', 'gauge'],
      ['maru_flow_waited_total', 'counter'],
      ['maru_flow_wait_ms_total', 'counter'],
      ['maru_flow_shed_total', 'counter'],
    ]);
    const [high, usual] = [
      { model: 'm', priority: '7' },
      { model: 'm', priority: '0' },
    ];
    const countOf = (family: typeof waiting, labels: object) =>
      family?.samples.find((sample) => JSON.stringify(sample.labels) === JSON.stringify(labels))?.value;
    expect([countOf(waiting, high), countOf(waiting, usual)]).toEqual([1, 2]);
    expect([countOf(waited, high), countOf(waited, usual)]).toEqual([1, 0]);
    expect([countOf(waitMs, high), countOf(waitMs, usual)]).toEqual([250, 0]);
    expect(shed?.samples).toEqual([{ labels: { ...usual, reason: 'deadline' }, value: 1 }]);
  });

  it('are there without samples before anybody has waited', () => {
    const families = flowMetrics(createFlowControl(createFakeClock()).counts());

    expect(families).toHaveLength(4);
    for (const { samples } of families) expect(samples).toEqual([]);
  });
});
