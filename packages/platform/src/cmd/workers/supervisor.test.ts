import { isPlatformError, PlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import { type StartedWorker, type Supervisor, superviseWorkers } from './supervisor.ts';

/** A worker whose life the test decides. */
interface FakeWorker extends StartedWorker {
  readonly index: number;
  serve(): void;
  fail(error: PlatformError): void;
  end(code: number | string): void;
  readonly heard: string[];
}

class World {
  readonly clock: FakeClock = createFakeClock();
  readonly started: FakeWorker[] = [];
  readonly givenUp: PlatformError[] = [];
  readonly supervisor: Supervisor;

  constructor(count: number, graceMs = 30_000) {
    this.supervisor = superviseWorkers({
      count,
      start: (index) => this.#start(index),
      graceMs,
      onGivenUp: (error) => void this.givenUp.push(error),
      clock: this.clock,
      ids: createSeededIds(1),
      log: silentLog,
    });
  }

  /** The worker that was started last. */
  get last(): FakeWorker {
    const worker = this.started.at(-1);
    if (worker === undefined) throw new PlatformError('internal', { message: 'no worker was started' });
    return worker;
  }

  #start(index: number): FakeWorker {
    const ready = Promise.withResolvers<void>();
    const exited = Promise.withResolvers<number | string>();
    const heard: string[] = [];
    const worker = {
      index,
      pid: 1000 + this.started.length,
      heard,
      ready: ready.promise,
      exited: exited.promise,
      serve: ready.resolve,
      fail: ready.reject,
      end: exited.resolve,
      stop: () => void heard.push('stop'),
      kill: () => {
        heard.push('kill');
        exited.resolve('SIGKILL');
      },
    };
    this.started.push(worker);
    return worker;
  }
}

const settle = (world: World): Promise<void> => world.clock.advance(0);

describe('superviseWorkers', () => {
  it('starts every worker at once and is ready when all serve', async () => {
    const world = new World(3);
    let ready = false;
    void world.supervisor.ready.then(() => {
      ready = true;
    });
    expect(world.started.map((worker) => worker.index)).toEqual([1, 2, 3]);

    for (const worker of world.started.slice(0, 2)) worker.serve();
    await settle(world);
    expect([ready, world.supervisor.serving()]).toEqual([false, 2]);
    world.last.serve();
    await settle(world);

    expect([ready, world.supervisor.serving()]).toEqual([true, 3]);
  });

  it('says why a worker can not serve at the start', async () => {
    const world = new World(2);
    world.started[1]?.fail(new PlatformError('port_in_use', { message: 'port 4000 is in use' }));

    const error = await world.supervisor.ready.catch((thrown: unknown) => thrown);

    expect(isPlatformError(error, 'port_in_use')).toBe(true);
  });

  it('replaces one that was well at once and in its own place', async () => {
    const world = new World(2);
    for (const worker of world.started) worker.serve();
    await world.clock.advance(60_000);

    world.started[1]?.end('SIGKILL');
    await settle(world);

    expect(world.started.map((worker) => worker.index)).toEqual([1, 2, 2]);
    expect(world.supervisor.serving()).toBe(1);
    world.last.serve();
    await settle(world);
    expect(world.supervisor.serving()).toBe(2);
  });

  it('waits longer and longer for one that ends shortly after its start, then gives up once', async () => {
    const world = new World(1);
    world.last.serve();
    const waits: number[] = [];
    for (let life = 0; world.givenUp.length === 0; life += 1) {
      const before = world.started.length;
      world.last.end(1);
      await settle(world);
      let waitedMs = 0;
      for (; world.started.length === before && world.givenUp.length === 0; waitedMs += 100) await world.clock.advance(100);
      waits.push(waitedMs);
      expect(life).toBeLessThan(20);
    }

    expect(world.started).toHaveLength(7);
    expect(waits[0]).toBe(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_100);
    expect(Math.max(...waits.slice(3))).toBeGreaterThan(500);
    expect(world.givenUp[0]?.message).toContain('worker 1 ended 7 times in a row soon after its start');
    await world.clock.advance(60_000);
    expect(world.started).toHaveLength(7);
    expect(world.givenUp).toHaveLength(1);
  });

  it('forgives short lives once one has served for a second', async () => {
    const world = new World(1);
    for (let life = 0; life < 12; life += 1) {
      world.last.serve();
      await world.clock.advance(life % 3 === 2 ? 1000 : 999);
      world.last.end(1);
      await world.clock.advance(11_000);
    }

    expect(world.givenUp).toEqual([]);
    expect(world.started).toHaveLength(13);
  });

  it('asks all to stop, starts none again, and waits until they have gone', async () => {
    const world = new World(2);
    for (const worker of world.started) worker.serve();
    await settle(world);
    let closed = false;
    const closing = world.supervisor.close().then(() => {
      closed = true;
    });

    expect(world.started.map((worker) => worker.heard)).toEqual([['stop'], ['stop']]);
    world.started[0]?.end(0);
    await world.clock.advance(1000);
    expect(closed).toBe(false);
    world.started[1]?.end(0);
    await closing;

    expect(world.started).toHaveLength(2);
    expect(world.clock.pending()).toBe(0);
  });

  it('kills who is not gone in time', async () => {
    const world = new World(2, 5000);
    for (const worker of world.started) worker.serve();
    await settle(world);
    const closing = world.supervisor.close();
    world.started[0]?.end(0);

    await world.clock.advance(5000);
    await closing;

    expect(world.started.map((worker) => worker.heard)).toEqual([['stop'], ['stop', 'kill']]);
  });

  it('does not replace one that ends while it waits for its turn and the platform stops', async () => {
    const world = new World(1);
    world.last.serve();
    world.last.end(1);
    await settle(world);
    world.last.end(1);
    await settle(world);
    expect(world.clock.pending()).toBe(1);

    await world.supervisor.close();
    await world.clock.advance(60_000);

    expect(world.started).toHaveLength(2);
  });
});
