import { PlatformError } from '@maru/api/errors';
import { ZERO_USAGE } from '@maru/api/records';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '#engines';
import type { AttemptFailure, CallWishes, Placement, RequestFacts } from '#gateway';
import { openRegistry, parseResources } from '#resources';
import { createFlowControl, createRouter } from '#router';
import { migrateStore, openStore } from '#store';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds } from '#time';
import { createEndpointCounters } from './endpoint-counters.ts';
import { createEnginePool } from './engine-pool.ts';
import { contextWindows } from './ledger-ports.ts';
import { createPlacement } from './placement.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const model = (name: string, more = ''): string => `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: ${name}}
spec: {provider: {name: openai-compatible, model: m, baseUrl: "http://127.0.0.1:9/v1"}${more}}
---
`;
const route = (spec: string, name = 'r'): string => `apiVersion: maru.dev/v1alpha1
kind: Route
metadata: {name: ${name}}
spec: ${spec}
---
`;
const MODELS = model('a', ', contextWindow: 1000') + model('b') + model('c', ', contextWindow: 9000');

const engineOf = (endpoint: string, name: string): Engine => ({
  endpoint,
  model: name,
  provider: 'test',
  servedName: name,
  simulated: true,
  call: () => Promise.reject(new PlatformError('upstream_unreachable', { message: 'not here' })),
  load: () => ({ running: 0, waiting: 0 }),
  close: () => Promise.resolve(),
});

async function setUp(yaml: string, replicas: Readonly<Record<string, number>> = {}) {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  const clock = createFakeClock();
  const ids = createSeededIds(3);
  const registry = await openRegistry({ store, clock });
  await registry.apply(parseResources(yaml).resources);
  const pool = createEnginePool({
    makeEngines: ({ metadata: { name } }) => Array.from({ length: replicas[name] ?? 1 }, (_, index) => engineOf(`${name}-${index}`, name)),
    onGone: () => undefined,
    clock,
    log: silentLog,
  });
  pool.sync(registry.list('Model'));
  closers.push(
    () => pool.close(),
    () => store.close(),
  );
  const router = createRouter({ clock, ids });
  const placement = createPlacement({
    registry,
    pool,
    router,
    ids,
    clock,
    counters: createEndpointCounters(),
    fleets: { prepare: () => undefined, sent: () => undefined, answered: () => undefined, fleetOf: () => undefined },
    flow: createFlowControl(clock),
    agentEngine: () => engineOf('agent', 'agent'),
    contextWindow: contextWindows({ registry, ledger: { contextWindowOf: ({ model }) => ({ 'gpt-4o-mini': 500 })[model] } }),
    costNanoUsd: () => 1000,
    allows: (_principal, name) => name !== 'forbidden',
  });
  return { placement, clock };
}

const factsOf = (more: Partial<RequestFacts> = {}): RequestFacts => ({
  requestId: 'r1',
  traceId: 't',
  operation: 'chat',
  target: { name: 'r', kind: 'route', simulated: false, ownedBy: 'maru', createdMs: 0 },
  principal: { tenant: 'default', keyId: 'k1' },
  stream: false,
  promptTokens: 20,
  maxTokens: 100,
  tools: false,
  images: false,
  headers: {},
  promptBytes: Buffer.from('[{"role":"user","content":"Hi"}]'),
  body: Buffer.from('{}'),
  value: () => ({}),
  ...more,
});

type Failing = PlatformError['code'];

/** The models that are asked, one after the other, when each of them fails like this. */
async function asked(
  placement: Placement,
  options: { facts?: RequestFacts; wishes?: CallWishes; code?: Failing; status?: number; retryAfterS?: number; most?: number } = {},
): Promise<string[]> {
  const { facts = factsOf(), wishes = {}, code = 'upstream_unreachable', status, retryAfterS, most = 20 } = options;
  const plan = await placement.plan(facts, wishes);
  const models: string[] = [];
  let failure: AttemptFailure | undefined;
  for (let turn = 0; turn < most; turn += 1) {
    const attempt = await plan.next(failure);
    if (attempt === undefined) break;
    models.push(attempt.model);
    const error = new PlatformError(code, { message: 'failed', ...(retryAfterS === undefined ? {} : { retryAfterS }) });
    failure = { attempt, error, ...(status === undefined ? {} : { status }) };
    placement.observe({ attempt, outcome: 'error', usage: undefined, ttftMs: undefined, durationMs: 1, failure });
  }
  return models;
}

describe('the plan of a request', () => {
  it('retries, asks the stand-bys, then the fallbacks', async () => {
    const { placement } = await setUp(MODELS + route('{backends: [{model: a}, {model: b, order: 1}], fallbacks: [{to: [c]}], retries: {attempts: 1}}'));

    expect(await asked(placement)).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  });

  it('waits between retries of one endpoint, and not before another one', async () => {
    const { placement } = await setUp(MODELS + route('{backends: [{model: a}], retries: {attempts: 3, backoff: 1s}}'), { a: 2 });
    const plan = await placement.plan(factsOf(), {});
    const first = await plan.next(undefined);
    if (first === undefined) throw new TypeError('no attempt');
    const failure = { attempt: first, error: new PlatformError('upstream_cut', { message: 'cut' }) };
    const [second, third] = [await plan.next(failure), await plan.next(failure)];

    expect(second?.engine.endpoint).not.toBe(first.engine.endpoint);
    expect(second?.delayMs).toBe(0);
    expect(third?.delayMs).toBeGreaterThan(0);
  });

  it('leaves out a deployment whose model behind its name has too small a context', async () => {
    const deployment = model('d').replace('model: m,', 'model: my-deployment, baseModel: azure/gpt-4o-mini,');
    const { placement } = await setUp(MODELS + deployment + route('{backends: [{model: d, weight: 1000000}, {model: c}], retries: {attempts: 0}}'));

    expect(await asked(placement, { facts: factsOf({ promptTokens: 450, maxTokens: 10 }), most: 1 })).toEqual(['d']);
    expect(await asked(placement, { facts: factsOf({ promptTokens: 450, maxTokens: 100 }) })).toEqual(['c']);
  });

  it('goes by the class of the failure', async () => {
    const spec = '{backends: [{model: a}], fallbacks: [{to: [b]}, {to: [c], on: context-window}, {to: [c], on: content-policy}]}';
    const { placement } = await setUp(MODELS + route(spec));
    const first = (code: Failing, status?: number) => asked(placement, { code, ...(status === undefined ? {} : { status }), most: 2 });

    expect(await first('context_length_exceeded')).toEqual(['a', 'c']);
    expect(await first('content_filtered')).toEqual(['a', 'c']);
    expect(await first('upstream_rejected', 401)).toEqual(['a', 'b']);
    expect(await first('upstream_rejected', 400)).toEqual(['a']);
  });

  it('takes a prompt that is too long to what is larger when the route names nothing', async () => {
    const { placement } = await setUp(MODELS + route('{backends: [{model: c}], fallbacks: [{to: [a, b]}]}'));

    expect(await asked(placement, { code: 'context_length_exceeded' })).toEqual(['c', 'b']);
  });

  it('keeps what the request wishes: no fallbacks, its own ones, another number of retries', async () => {
    const { placement } = await setUp(MODELS + route('{backends: [{model: a}], fallbacks: [{to: [b]}]}'));

    expect(await asked(placement, { wishes: { disableFallbacks: true } })).toEqual(['a', 'a']);
    expect(await asked(placement, { wishes: { fallbacks: ['c'] } })).toEqual(['a', 'a', 'c', 'c']);
    expect(await asked(placement, { wishes: { fallbacks: [{ model: 'c' }], numRetries: 0 } })).toEqual(['a', 'c']);
    expect(await asked(placement, { wishes: { numRetries: 2, disableFallbacks: true } })).toEqual(['a', 'a', 'a']);
  });

  it.each<[string, unknown, string, string]>([
    ['an unknown name', ['nobody'], 'invalid_request', '{backends: [{model: a}]}'],
    ['a name that the key may not use', ['forbidden'], 'model_not_allowed', '{backends: [{model: a}]}'],
    ['another form', 'b', 'invalid_request', '{backends: [{model: a}]}'],
    ['a changed request', [{ model: 'b', messages: [] }], 'invalid_request', '{backends: [{model: a}]}'],
    ['any, where the route takes none', ['b'], 'invalid_request', '{backends: [{model: a}], clientFallbacks: false}'],
  ])('refuses fallbacks of a request: %s', async (_name, fallbacks, code, spec) => {
    const { placement } = await setUp(MODELS + route(spec));
    expect(() => placement.plan(factsOf(), { fallbacks })).toThrow(expect.objectContaining({ code }));
  });

  it('takes fallbacks of a request to a model, too', async () => {
    const { placement } = await setUp(MODELS);
    const facts = factsOf({ target: { name: 'a', kind: 'model', simulated: false, ownedBy: 'maru', createdMs: 0 } });

    expect(await asked(placement, { facts, wishes: { fallbacks: ['b'] } })).toEqual(['a', 'a', 'b', 'b']);
  });

  it('says that limits are used up', async () => {
    const { placement } = await setUp(MODELS + route('{backends: [{model: a, rpm: 1}]}'));
    await (await placement.plan(factsOf(), {})).next(undefined);

    expect(() => placement.plan(factsOf(), {})).toThrow(expect.objectContaining({ code: 'rate_limited', retryAfterS: 5 }));
  });

  it('keeps a session where it was answered', async () => {
    const { placement, clock } = await setUp(MODELS + route('{backends: [{model: a}, {model: b}, {model: c}], affinity: {ttl: 10m, to: endpoint}}'), {
      a: 3,
      b: 3,
      c: 3,
    });
    const answer = async (session: string): Promise<string> => {
      const attempt = await (await placement.plan(factsOf({ session }), {})).next(undefined);
      if (attempt === undefined) throw new TypeError('no attempt');
      placement.observe({ attempt, outcome: 'ok', usage: ZERO_USAGE, ttftMs: 5, durationMs: 5 });
      return attempt.engine.endpoint;
    };
    for (const session of ['s1', 's2', 's3', 's4']) {
      const first = await answer(session);
      for (let turn = 0; turn < 5; turn += 1) expect(await answer(session)).toBe(first);
    }
    await clock.advance(600_001);

    expect(new Set(await Promise.all(Array.from({ length: 20 }, (_, index) => answer(`new-${index}`)))).size).toBeGreaterThan(1);
  });

  it('knows a second way beside the first, once: another replica, else the next model', async () => {
    const { placement } = await setUp(MODELS + route('{backends: [{model: a}], fallbacks: [{to: [b]}], hedge: {after: 200ms}}'));
    const plan = await placement.plan(factsOf(), {});
    await plan.next(undefined);

    expect(plan.hedge?.afterMs).toBe(200);
    expect(plan.hedge?.next()?.model).toBe('b');
    expect(plan.hedge?.next()).toBeUndefined();
  });

  it('gives times of the backend before those of the route, a mirror, and a deadline', async () => {
    const spec = '{backends: [{model: a, timeouts: {stall: 3s}}], timeouts: {stall: 9s, firstToken: 2s}, timeout: 30s, mirror: {model: b, percent: 100}}';
    const { placement } = await setUp(MODELS + route(spec));
    const plan = await placement.plan(factsOf(), {});

    expect(await plan.next(undefined)).toMatchObject({ stallMs: 3000, firstTokenMs: 2000, timeoutMs: 300_000 });
    expect(plan.deadlineMs).toBe(30_000);
    expect(plan.mirror).toMatchObject({ model: 'b', reason: 'mirror of r' });
  });

  it('leaves an endpoint alone that has failed too often, and returns to it', async () => {
    const { placement, clock } = await setUp(
      MODELS + route('{backends: [{model: a}], fallbacks: [{to: [b]}], retries: {attempts: 0}, health: {allowedFails: 2, cooldown: 3s, slowStart: 0s}}'),
    );
    const firstAsked = async (): Promise<string> => (await asked(placement, { most: 1 }))[0] ?? '';

    expect([await firstAsked(), await firstAsked(), await firstAsked()]).toEqual(['a', 'a', 'b']);
    await clock.advance(3001);
    expect(await firstAsked()).toBe('a');
  });
});
