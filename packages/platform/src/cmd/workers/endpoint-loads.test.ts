import { describe, expect, it } from 'vitest';
import type { Engine } from '#engines';
import { createSharedLoads, sumLoads } from './endpoint-loads.ts';

const engineOf = (endpoint: string, running: number, provider = 'openai-compatible'): Engine => ({
  endpoint,
  model: 'm',
  provider,
  servedName: 'm',
  simulated: false,
  call: () => Promise.reject(new TypeError('not called')),
  load: () => ({ running, waiting: 0, kvUse: 0.5 }),
  close: () => Promise.resolve(),
});

describe('shared loads', () => {
  it('show an engine with the load of others beside its own, and tell only the own one', () => {
    const loads = createSharedLoads();
    const engine = loads.watch(engineOf('a', 2));
    loads.watch(engineOf('idle', 0));
    expect(engine.load()).toEqual({ running: 2, waiting: 0, kvUse: 0.5 });

    loads.setOthers({ a: [3, 1], elsewhere: [9, 9] });

    expect(engine.load()).toEqual({ running: 5, waiting: 1, kvUse: 0.5 });
    expect(loads.own()).toEqual({ a: [2, 0] });
    expect(loads.ownOf(engine)).toEqual({ running: 2, waiting: 0, kvUse: 0.5 });
    loads.setOthers({});
    expect(engine.load().running).toBe(2);
  });

  it('leave engines alone that live in this process: those of others are other ones', () => {
    const loads = createSharedLoads();
    const twin = engineOf('a', 2, 'twin');
    loads.setOthers({ a: [3, 0] });

    expect(loads.watch(twin)).toBe(twin);
    expect(loads.own()).toEqual({});
  });

  it('forget an engine that is closed, and not the one that has its name now', async () => {
    const loads = createSharedLoads();
    const old = loads.watch(engineOf('a', 1));
    loads.watch(engineOf('a', 4));
    await old.close();
    expect(loads.own()).toEqual({ a: [4, 0] });
  });

  it('add up over processes', () => {
    expect(sumLoads([{ a: [1, 0], b: [2, 2] }, { a: [4, 1] }, {}])).toEqual({ a: [5, 1], b: [2, 2] });
  });
});
