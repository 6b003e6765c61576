import { type Route, routeKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds } from '#time';
import type { RouteFacts } from './choose-model/route-facts.ts';
import { DEFAULT_HEALTH } from './health/health-settings.ts';
import { promptFactsOf } from './prompt/prompt-facts.ts';
import { createRouter, type Observation, type PickRequest, type Router } from './router.ts';

const routeOf = (spec: object): Route => routeKind.schema.parse({ apiVersion: 'maru.dev/v1alpha1', kind: 'Route', metadata: { name: 'r' }, spec });
const facts: RouteFacts = { requestId: 'r1', prompt: promptFactsOf({ prompt: 'Hello', max_tokens: 100 }) };
const modelFacts = (model: string) => ({ endpoints: [`${model}-0`, `${model}-1`] });
const endpointsOf = (model: string, count = 2) =>
  Array.from({ length: count }, (_, index) => ({ endpoint: `${model}-${index}`, load: () => ({ running: 0, waiting: 0 }) }));

function setUp(seed = 5) {
  const clock = createFakeClock();
  return { clock, router: createRouter({ clock, ids: createSeededIds(seed) }) };
}

/** Sends one request to a model, and ends it unless it is to run on. */
function send(router: Router, model: string, outcome?: Observation, more: Partial<PickRequest> = {}): string {
  const { decision } = router.pickEndpoint({ requestId: 'r1', traceId: 't', route: 'r', model, facts: facts.prompt, ...more }, endpointsOf(model));
  if (outcome !== undefined) router.observe(decision.id, outcome);
  return decision.chosen;
}

const first = (router: Router, route: Route, stream = true): string => router.chooseModel(route, { ...facts, stream }, { modelFacts }).choices[0]?.model ?? '';
const times = (count: number, work: () => string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (let turn = 0; turn < count; turn += 1) {
    const key = work();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
};

describe('strategies over what the router has seen', () => {
  it('least-busy takes the model with fewer running requests', () => {
    const { router } = setUp();
    const route = routeOf({ strategy: 'least-busy', backends: [{ model: 'a' }, { model: 'b' }] });
    send(router, 'a');
    send(router, 'a');
    send(router, 'b');

    expect(first(router, route)).toBe('b');
    send(router, 'b');
    send(router, 'b');
    expect(first(router, route)).toBe('a');
  });

  it('latency avoids a model that was slow, and one that failed quickly', () => {
    const { router } = setUp();
    const route = routeOf({ strategy: 'latency', backends: [{ model: 'a' }, { model: 'b' }, { model: 'c' }] });
    send(router, 'a', { outcome: 'ok', ttftMs: 60 });
    send(router, 'b', { outcome: 'ok', ttftMs: 900 });
    send(router, 'c', { outcome: 'error', failure: 'connection' });
    const counts = times(300, () => first(router, route));

    expect(counts.get('a') ?? 0).toBeGreaterThan(180);
    expect(counts.get('c') ?? 0).toBe(0);
  });

  it('latency knows answers that came as a whole by their whole time, beside the first tokens of streams', () => {
    const { router } = setUp();
    const route = routeOf({ strategy: 'latency', backends: [{ model: 'a' }, { model: 'b' }] });
    send(router, 'a', { outcome: 'ok', ttftMs: 60, durationMs: 9000 });
    send(router, 'a', { outcome: 'ok', durationMs: 4000 });
    send(router, 'b', { outcome: 'ok', ttftMs: 500, durationMs: 1000 });
    send(router, 'b', { outcome: 'ok', durationMs: 900 });

    expect([first(router, route, true), first(router, route, false)]).toEqual(['a', 'b']);
  });

  it('usage spreads by what is left of the limits, and leaves out what has none left', async () => {
    const { router, clock } = setUp();
    const route = routeOf({
      strategy: 'usage',
      backends: [
        { model: 'a', rpm: 4 },
        { model: 'b', rpm: 8 },
      ],
    });
    const taken = times(12, () => {
      const model = first(router, route);
      send(router, model, { outcome: 'ok', ttftMs: 1 });
      return model;
    });

    expect(Object.fromEntries(taken)).toEqual({ a: 4, b: 8 });
    expect(router.chooseModel(route, facts, { modelFacts })).toMatchObject({ choices: [], skipped: [{ kind: 'limit' }, { kind: 'limit' }] });
    await clock.advance(61_000);
    expect(['a', 'b']).toContain(first(router, route));
  });

  it('tokens of a limit are corrected by what was really used', () => {
    const { router } = setUp();
    const route = routeOf({ backends: [{ model: 'a', tpm: 400 }] });
    // Estimated with all of its 100 tokens; two came.
    send(router, 'a', { outcome: 'ok', outputTokens: 2 });
    send(router, 'a', { outcome: 'ok', outputTokens: 2 });
    send(router, 'a', { outcome: 'ok', outputTokens: 2 });

    expect(first(router, route)).toBe('a');
    send(router, 'a', { outcome: 'ok', outputTokens: 400 });
    expect(first(router, route)).toBe('');
  });

  it('budget takes a model out when its money is spent, until the time is over', async () => {
    const { router, clock } = setUp();
    const route = routeOf({
      strategy: 'budget',
      backends: [
        { model: 'a', budget: { usd: 0.001, per: '1h' } },
        { model: 'b', weight: 1 },
      ],
    });
    first(router, route);
    send(router, 'a', { outcome: 'ok', costNanoUsd: 1_000_000 });

    expect(times(50, () => first(router, route)).get('a')).toBeUndefined();
    await clock.advance(3_700_000);
    expect(times(50, () => first(router, route)).get('a') ?? 0).toBeGreaterThan(5);
  });

  it('cost takes the cheaper one, and leaves it when it breaks the objective', () => {
    const { router } = setUp();
    const route = routeOf({ strategy: 'cost', slo: { ttft: '500ms' }, backends: [{ model: 'a' }, { model: 'b' }] });
    const priced = (model: string) => ({ ...modelFacts(model), costNanoUsd: () => (model === 'a' ? 10 : 900) });
    const choose = (): string => router.chooseModel(route, facts, { modelFacts: priced }).choices[0]?.model ?? '';

    expect(choose()).toBe('a');
    send(router, 'a', { outcome: 'ok', ttftMs: 2000 });
    send(router, 'b', { outcome: 'ok', ttftMs: 100 });
    expect(choose()).toBe('b');
  });

  it('priority spills over when the endpoints of its first tier rest', () => {
    const { router } = setUp();
    const route = routeOf({ strategy: 'priority', backends: [{ model: 'a' }, { model: 'b', order: 1 }] });
    expect(times(50, () => first(router, route)).get('a')).toBe(50);

    send(router, 'a', { outcome: 'error', failure: 'rateLimit' }, { tried: ['a-1'] });
    const half = times(400, () => first(router, route));
    expect((half.get('b') ?? 0) / 400).toBeCloseTo(0.3, 1);
    send(router, 'a', { outcome: 'error', failure: 'rateLimit' }, { tried: ['a-0'] });

    expect(times(50, () => first(router, route)).get('b')).toBe(50);
  });

  it('choose the same for the same seed', () => {
    const run = (): string[] => {
      const { router } = setUp(11);
      return Array.from({ length: 40 }, (_, turn) => {
        const model = first(
          router,
          routeOf({ strategy: turn % 2 === 0 ? 'latency' : 'simple-shuffle', backends: [{ model: 'a' }, { model: 'b' }, { model: 'c' }] }),
        );
        send(router, model, { outcome: turn % 7 === 0 ? 'error' : 'ok', ttftMs: turn * 10 });
        return model;
      });
    };

    expect(run()).toEqual(run());
  });
});

describe('endpoints that come back', () => {
  const health = { ...DEFAULT_HEALTH, allowedFails: 1, cooldownMs: 1000, slowStartMs: 10_000 };

  it('are tried by one request, and then get a share that grows', async () => {
    const { router, clock } = setUp();
    send(router, 'a', { outcome: 'error', failure: 'timeout' }, { tried: ['a-1'], health });
    await clock.advance(1001);
    const trial = router.pickEndpoint({ requestId: 'r', traceId: 't', route: 'r', model: 'a', facts: facts.prompt, tried: ['a-1'], health }, endpointsOf('a'));
    expect(trial.decision.chosen).toBe('a-0');
    expect(times(30, () => send(router, 'a', { outcome: 'ok' }, { health, policy: 'random' })).get('a-0')).toBeUndefined();

    router.observe(trial.decision.id, { outcome: 'ok' });
    const share = (): number => (times(400, () => send(router, 'a', { outcome: 'ok' }, { health, policy: 'random' })).get('a-0') ?? 0) / 400;
    const early = share();
    await clock.advance(10_001);
    const late = share();

    expect(early).toBeLessThan(0.12);
    expect(late).toBeCloseTo(0.5, 1);
  });

  it('keep what belongs to them only while they are there', () => {
    const { router } = setUp();
    expect(times(20, () => send(router, 'a', { outcome: 'ok' }, { prefer: 'a-1' })).get('a-1')).toBe(20);
    expect(router.decisions()[0]?.reason).toBe('the replica of this session');
    send(router, 'a', { outcome: 'error', failure: 'rateLimit' }, { prefer: 'a-1' });

    expect(send(router, 'a', { outcome: 'ok' }, { prefer: 'a-1' })).toBe('a-0');
    expect(send(router, 'a', { outcome: 'ok' }, { prefer: 'gone' })).toBe('a-0');
  });

  it('are rested as long as the upstream asks, and not for mistakes of a request', async () => {
    const { router, clock } = setUp();
    send(router, 'a', { outcome: 'error', failure: 'badRequest' }, { tried: ['a-1'], health });
    expect(router.calibration().find((each) => each.endpoint === 'a-0')?.coolingDown).toBe(false);

    send(router, 'a', { outcome: 'error', failure: 'rateLimit', retryAfterMs: 9000 }, { tried: ['a-1'], health });
    await clock.advance(8900);
    expect(router.calibration().find((each) => each.endpoint === 'a-0')?.coolingDown).toBe(true);
    await clock.advance(200);
    expect(router.calibration().find((each) => each.endpoint === 'a-0')?.coolingDown).toBe(false);
  });
});
