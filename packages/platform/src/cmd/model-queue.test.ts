import { PlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import type { Engine } from '#engines';
import type { RequestFacts } from '#gateway';
import { openRegistry, parseResources } from '#resources';
import { createFlowControl, createRouter } from '#router';
import { migrateStore, openStore } from '#store';
import { createFakeClock, createSeededIds } from '#time';
import { FlowModels, isPassedOn, ModelQueue, priorityOf } from './model-queue.ts';

const TENANTS = `
apiVersion: maru.dev/v1alpha1
kind: Tenant
metadata: {name: top}
spec: {priority: 5}
---
apiVersion: maru.dev/v1alpha1
kind: Tenant
metadata: {name: below}
spec: {parent: top}
---
apiVersion: maru.dev/v1alpha1
kind: Tenant
metadata: {name: plain}
spec: {}
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: m}
spec: {serving: {engine: twin}, flowControl: {maxWait: 2s}}
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: free}
spec: {serving: {engine: twin}, flowControl: {enabled: false}}
---
apiVersion: maru.dev/v1alpha1
kind: Route
metadata: {name: r}
spec: {backends: [{model: m}], priority: 9}
`;

async function setUp() {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  const clock = createFakeClock();
  const registry = await openRegistry({ store, clock });
  await registry.apply(parseResources(TENANTS).resources);
  const world = { waiting: 9 };
  const engine: Engine = {
    endpoint: 'm-0',
    model: 'm',
    provider: 'test',
    servedName: 'm',
    simulated: true,
    call: () => Promise.reject(new PlatformError('upstream_unreachable', { message: 'not here' })),
    load: () => ({ running: 10, waiting: world.waiting, reports: 'fresh' }),
    close: () => Promise.resolve(),
  };
  const flow = createFlowControl(clock);
  const router = createRouter({ clock, ids: createSeededIds(1) });
  const pool = { enginesOf: () => [engine], problemOf: () => undefined };
  const queueOf = (facts: RequestFacts, more: { priority?: number; withinMs?: number } = {}) =>
    new ModelQueue(new FlowModels({ flow, registry, router, clock, pool: pool as never }), { facts, priority: 0, withinMs: undefined, ...more });
  return { store, clock, registry, flow, world, queueOf };
}

const factsOf = (more: Partial<RequestFacts> = {}): RequestFacts =>
  ({ principal: { tenant: 'plain', keyId: 'k' }, promptTokens: 20, maxTokens: undefined, body: Buffer.from('{}'), ...more }) as RequestFacts;

describe('the queue of a model', () => {
  it('places at once where a replica has room, and where the Model wants no queue', async () => {
    const { queueOf, world, store } = await setUp();
    world.waiting = 0;
    expect(queueOf(factsOf()).enter('m', (queuedMs) => ['placed', queuedMs])).toEqual(['placed', undefined]);

    world.waiting = 9;
    expect(queueOf(factsOf()).isOpen('m')).toBe(false);
    expect(queueOf(factsOf()).enter('free', () => 'placed')).toBe('placed');
    await store.close();
  });

  it('waits for room, and says how long', async () => {
    const { queueOf, world, clock, store } = await setUp();
    const entered = queueOf(factsOf()).enter('m', (queuedMs) => queuedMs);
    await clock.advance(300);

    world.waiting = 0;
    await clock.advance(20);

    expect(await entered).toBe(320);
    await store.close();
  });

  it('sheds what waits for longer than the Model allows, or than the request has time', async () => {
    const { queueOf, clock, store } = await setUp();
    const shed: unknown[] = [];
    const enter = (withinMs?: number): void => {
      const entered = queueOf(factsOf(), withinMs === undefined ? {} : { withinMs }).enter('m', () => undefined);
      void Promise.resolve(entered).catch((error: unknown) => shed.push(error));
    };
    enter();
    enter(500);

    await clock.advance(500);
    expect(shed).toHaveLength(1);
    await clock.advance(1500);

    expect(shed).toHaveLength(2);
    for (const error of shed) expect(error).toMatchObject({ code: 'overloaded', details: { model: 'm', reason: 'deadline' } });
    expect(isPassedOn(shed[0])).toBe(true);
    await store.close();
  });

  it('gives its place up when the request ends, with the reason', async () => {
    const { queueOf, clock, flow, store } = await setUp();
    const queue = queueOf(factsOf());
    const entered = Promise.resolve(queue.enter('m', () => 'placed')).catch((error: unknown) => error);

    queue.abandon(new PlatformError('cancelled', { message: 'the client went away' }));

    expect(await entered).toMatchObject({ code: 'cancelled' });
    expect(flow.counts()).toEqual([]);
    expect(clock.pending()).toBe(0);
    await store.close();
  });

  it('passes on what goes wrong at its turn', async () => {
    const { queueOf, world, clock, store } = await setUp();
    const entered = Promise.resolve(
      queueOf(factsOf()).enter('m', () => {
        throw new PlatformError('no_endpoint', { message: 'gone' });
      }),
    ).catch((error: unknown) => error);
    world.waiting = 0;
    await clock.advance(20);

    expect(await entered).toMatchObject({ code: 'no_endpoint' });
    await store.close();
  });
});

describe('the priority of a request', () => {
  it('is that of its Route, else of its tenant or the next one above, and only lowered by the request', async () => {
    const { registry, store } = await setUp();
    const of = (tenant: string, priority?: number) => factsOf({ principal: { tenant, keyId: 'k' }, ...(priority === undefined ? {} : { priority }) });
    const route = registry.get('Route', 'r');

    expect(priorityOf(registry, undefined, of('below'))).toBe(5);
    expect(priorityOf(registry, undefined, of('plain'))).toBe(0);
    expect(priorityOf(registry, undefined, of('of nobody'))).toBe(0);
    expect(priorityOf(registry, route, of('below'))).toBe(9);
    expect(priorityOf(registry, undefined, of('below', 50))).toBe(5);
    expect(priorityOf(registry, undefined, of('below', -2))).toBe(-2);
    await store.close();
  });
});
