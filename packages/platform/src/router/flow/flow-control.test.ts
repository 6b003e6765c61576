import type { PlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createFlowControl, type FlowModel } from './flow-control.ts';
import type { FlowSettings } from './flow-settings.ts';
import type { FlowRequest } from './waiter.ts';

const SETTINGS: FlowSettings = {
  saturation: { queueDepth: 5, kvUse: 0.95 },
  limits: { maxRequests: 4, maxBytes: 1000, maxRequestsPerTenant: 3 },
  maxWaitMs: 60_000,
};

/** A model with so many free slots, and what becomes of requests. */
function setUp(settings: FlowSettings = SETTINGS) {
  const clock = createFakeClock();
  const flow = createFlowControl(clock);
  const world = { free: 0 };
  const model: FlowModel = { model: 'm', settings, hasRoom: () => world.free > 0 };
  const gone: string[] = [];
  const shed: [string, PlatformError][] = [];
  const send = (name: string, more: Partial<FlowRequest> = {}) =>
    flow.wait(
      model,
      { priority: 0, tenant: 'a', program: 'p', costTokens: 100, bytes: 10, ...more },
      {
        go: () => {
          world.free -= 1;
          gone.push(name);
        },
        shed: (error) => void shed.push([name, error]),
      },
    );
  const free = (count: number): void => {
    world.free += count;
    flow.freed('m');
  };
  return { clock, flow, model, world, gone, shed, send, free, reasons: () => shed.map(([name, error]) => [name, error.status, error.details['reason']]) };
}

describe('flow control', () => {
  it('is open while there is room and nobody waits', () => {
    const { flow, model, world, send } = setUp();
    world.free = 1;
    expect(flow.isOpen(model)).toBe(true);
    world.free = 0;
    expect(flow.isOpen(model)).toBe(false);

    send('x');
    world.free = 1;

    expect(flow.isOpen(model)).toBe(false);
  });

  it('lets requests go one by one as places become free', () => {
    const { send, free, gone } = setUp();
    for (const name of ['x', 'y', 'z']) send(name);

    free(1);
    expect(gone).toEqual(['x']);
    free(2);

    expect(gone).toEqual(['x', 'y', 'z']);
  });

  it('notices room that nobody told it of', async () => {
    const { clock, world, send, gone } = setUp();
    send('x');

    world.free = 1;
    await clock.advance(50);

    expect(gone).toEqual(['x']);
    expect(clock.pending()).toBe(0);
  });

  it('serves a higher priority first, whoever came before', () => {
    const { send, free, gone } = setUp();
    send('low', { priority: -1 });
    send('usual');
    send('high', { priority: 7 });

    free(3);

    expect(gone).toEqual(['high', 'usual', 'low']);
  });

  it('takes turns between tenants, and within a tenant between programs', () => {
    const { send, free, gone } = setUp({ ...SETTINGS, limits: { maxRequests: 100, maxBytes: 10_000, maxRequestsPerTenant: 100 } });
    const costTokens = 2048;
    for (let turn = 0; turn < 4; turn += 1) send(`a1-${turn}`, { program: '1', costTokens });
    for (let turn = 0; turn < 2; turn += 1) send(`a2-${turn}`, { program: '2', costTokens });
    for (let turn = 0; turn < 3; turn += 1) send(`b-${turn}`, { tenant: 'b', costTokens });

    free(9);

    expect(gone).toEqual(['a1-0', 'b-0', 'a2-0', 'b-1', 'a1-1', 'b-2', 'a2-1', 'a1-2', 'a1-3']);
  });

  it('gives the place of a request up at once when it leaves', () => {
    const { flow, send, free, gone, clock } = setUp();
    const ticket = send('x');
    send('y');

    ticket?.leave();
    ticket?.leave();
    free(2);

    expect(gone).toEqual(['y']);
    expect(flow.counts()[0]).toMatchObject({ waiting: 0, gone: 1 });
    expect(clock.pending()).toBe(0);
  });

  it('refuses with 429 the tenant that has as many waiting as it may', () => {
    const { send, reasons } = setUp();
    for (const name of ['1', '2', '3', '4']) send(name);

    expect(reasons()).toEqual([['4', 429, 'tenant-full']]);
  });

  it('refuses with 429 whoever has the most in a full queue, and lets others in', () => {
    const { send, reasons } = setUp();
    for (const name of ['1', '2', '3']) send(name);
    send('b1', { tenant: 'b' });

    send('b2', { tenant: 'b' });
    send('c1', { tenant: 'c' });
    send('b3', { tenant: 'b' });

    expect(reasons()).toEqual([
      ['3', 429, 'over-share'],
      ['b2', 429, 'over-share'],
      ['b3', 429, 'over-share'],
    ]);
  });

  it('refuses with 503 where the queue is full and nobody has more than others', () => {
    const { send, reasons, shed } = setUp();
    for (const tenant of ['a', 'b', 'c', 'd', 'e']) send(tenant, { tenant });

    expect(reasons()).toEqual([['e', 503, 'queue-full']]);
    expect(shed[0]?.[1]).toMatchObject({ retryAfterS: 1, headers: { 'x-maru-shed-reason': 'queue-full' } });
  });

  it('displaces the lowest priority with 503 where the queue is full', () => {
    const { send, reasons } = setUp();
    send('low', { priority: -5 });
    for (const tenant of ['a', 'b', 'c']) send(tenant, { tenant });

    send('high', { tenant: 'd', priority: 3 });
    send('lower', { tenant: 'd', priority: -9 });

    expect(reasons()).toEqual([
      ['low', 503, 'displaced'],
      ['lower', 503, 'queue-full'],
    ]);
  });

  it('bounds the memory of what waits', () => {
    const { send, reasons, flow } = setUp();
    send('x', { bytes: 600 });
    send('y', { tenant: 'b', bytes: 600 });
    send('huge', { tenant: 'c', bytes: 2000 });

    expect(reasons().map(([name]) => name)).toEqual(['y', 'huge']);
    expect(flow.counts()[0]).toMatchObject({ waiting: 1 });
  });

  it('sheds a request at its deadline, and at the longest wait of its model', async () => {
    const { send, reasons, clock } = setUp();
    send('short', { deadlineMs: clock.monotonicMs() + 200 });
    send('long', { tenant: 'b' });
    send('late', { tenant: 'c', deadlineMs: clock.monotonicMs() });
    expect(reasons()).toEqual([['late', 503, 'deadline']]);

    await clock.advance(200);
    expect(reasons().at(-1)).toEqual(['short', 503, 'deadline']);
    await clock.advance(60_000);

    expect(reasons().at(-1)).toEqual(['long', 503, 'deadline']);
    expect(clock.pending()).toBe(0);
  });

  it('sheds at once what can not be served in time at the pace of the queue', async () => {
    const { send, free, reasons, clock } = setUp({ ...SETTINGS, limits: { maxRequests: 100, maxBytes: 10_000, maxRequestsPerTenant: 100 } });
    for (let number = 0; number < 30; number += 1) send(`first ${number}`);
    for (let turn = 0; turn < 10; turn += 1) {
      await clock.advance(100);
      free(1);
    }

    send('hopeless', { deadlineMs: clock.monotonicMs() + 1000 });
    send('in time', { deadlineMs: clock.monotonicMs() + 3000 });
    send('of another program', { program: 'q', deadlineMs: clock.monotonicMs() + 1000 });

    expect(reasons()).toEqual([['hopeless', 503, 'deadline']]);
  });

  it('counts what waits, what went and what was shed, per priority', async () => {
    const { send, free, flow, clock } = setUp();
    for (const name of ['1', '2', '3', '4']) send(name);
    send('high', { priority: 2 });
    expect(flow.counts().map((count) => count.waiting)).toEqual([3, 1]);
    await clock.advance(40);

    free(2);

    expect(flow.counts()).toEqual([
      { model: 'm', priority: 0, waiting: 2, gone: 1, waitedMs: 40, shed: { 'tenant-full': 1 } },
      { model: 'm', priority: 2, waiting: 0, gone: 1, waitedMs: 40, shed: {} },
    ]);
  });

  it('goes on with who waits when the settings change', async () => {
    const { flow, model, world, send, gone, clock } = setUp();
    send('x');
    flow.wait(
      { ...model, settings: { ...SETTINGS, maxWaitMs: 1000 } },
      { priority: 0, tenant: 'a', program: 'p', costTokens: 1, bytes: 1 },
      { go: () => void gone.push('new'), shed: () => undefined },
    );

    world.free = 2;
    await clock.advance(50);

    expect(gone.toSorted()).toEqual(['new', 'x']);
  });
});
