import { describe, expect, it } from 'vitest';
import { createRouter, type PickRequest, POLICIES, promptFactsOf, type RouterEndpoint, type RouterLoad } from '../../packages/platform/src/router/index.ts';
import { simulateTrace, type Trace } from '../../packages/platform/src/simulate/index.ts';
import { createFakeClock, createRandom, createSeededIds } from '../../packages/platform/src/time/index.ts';

/** Policies that go by prefix alone, whatever the load: kept as a baseline that shows what happens then. */
const BLIND_TO_LOAD: readonly string[] = ['greedy-prefix'];

/** Policies that fill the replicas one after the other as far as the SLO allows, instead of evenly. */
const PACKS: readonly string[] = ['slo-headroom'];

const REPLICAS = 8;
const SLO = { ttftMs: 1000, itlMs: 50 };

/** Prompts of 8 blocks that share their first one and nothing else. */
function sharedFirstBlock(requests: number, perSecond: number): Trace {
  const random = createRandom(5);
  let atMs = 0;
  return {
    format: 'mooncake',
    blockTokens: 512,
    requests: Array.from({ length: requests }, (_, number) => {
      atMs += (-Math.log(1 - random()) * 1000) / perSecond;
      return { atMs, inputTokens: 4096, outputTokens: 100, blocks: [0, ...Array.from({ length: 7 }, (_, block) => 1 + number * 7 + block)] };
    }),
  };
}

const simulate = (policy: string, trace: Trace, seed = 1) => simulateTrace({ trace, replicas: REPLICAS, policies: [policy], seed, slo: SLO }).timed[0];

const names = Array.from({ length: REPLICAS }, (_, index) => `replica-${index}`);
const replicas = (load: (index: number) => RouterLoad = () => ({ running: 0, waiting: 0 }), more: Partial<RouterEndpoint> = {}): RouterEndpoint[] =>
  names.map((endpoint, index) => ({ endpoint, load: () => load(index), ...more }));

function setUp(policy: string, seed = 1) {
  const clock = createFakeClock();
  const router = createRouter({ clock, ids: createSeededIds(seed) });
  const request = (number: number, more: Partial<PickRequest> = {}): PickRequest => ({
    requestId: `r${number}`,
    traceId: '',
    route: 'route',
    model: 'model',
    policy,
    facts: promptFactsOf({ prompt: `prompt ${number} `.repeat(300) }),
    slo: SLO,
    ...more,
  });
  return { clock, router, request };
}

/** How many of `count` requests, all still open, each replica got. */
function burst(policy: string, endpoints: readonly RouterEndpoint[], count = 160): Map<string, number> {
  const { router, request } = setUp(policy);
  const counts = new Map<string, number>();
  for (let number = 0; number < count; number += 1) {
    const { decision } = router.pickEndpoint(request(number), endpoints);
    counts.set(decision.chosen, (counts.get(decision.chosen) ?? 0) + 1);
    for (const { total, expectedCachedTokens } of decision.candidates) {
      expect(Number.isFinite(total)).toBe(true);
      expect(expectedCachedTokens).toBeLessThanOrEqual(decision.promptTokens);
    }
  }
  return counts;
}

describe.each(POLICIES)('policy %s', (policy) => {
  const blind = BLIND_TO_LOAD.includes(policy);

  it('makes no hot spot of a first block that all prompts share', () => {
    const result = simulate(policy, sharedFirstBlock(240, 20));

    expect(result?.completed).toBe(240);
    if (blind) expect(result?.imbalance).toBeGreaterThan(REPLICAS - 1);
    else expect(result?.imbalance).toBeLessThan(PACKS.includes(policy) ? 4 : 2);
  });

  it('lets nobody starve: under twice the load that fits, every request is served before long', () => {
    const result = simulate(policy, sharedFirstBlock(600, 120));

    expect(result?.completed).toBe(600);
    // All the work, evenly spread, takes 12 s; on one replica 90 s.
    if (!blind) expect(result?.ttftMs.p99).toBeLessThan(45_000);
  });

  it('decides the same for the same seed', () => {
    const trace = sharedFirstBlock(120, 30);

    expect(simulate(policy, trace, 7)).toEqual(simulate(policy, trace, 7));
  });

  it('never takes what was tried, rests, or is kept for others', () => {
    const { router, request } = setUp(policy);
    const endpoints = replicas(undefined, { contextRange: { min: 0, max: 100_000 } }).map((endpoint, index) => ({
      ...endpoint,
      ...(index === 0 ? { minPriority: 5 } : index === 1 ? { contextRange: { min: 50_000, max: 100_000 } } : {}),
      adapters: () => ({ max: 4, running: index === 2 ? [] : ['french'], waiting: [] }),
    }));
    const [, , , broken = '', triedOnce = ''] = names;
    for (let turn = 0; turn < 3; turn += 1) {
      const { decision } = router.pickEndpoint(request(turn, { tried: names.filter((name) => name !== broken) }), endpoints);
      router.observe(decision.id, { outcome: 'error' });
    }

    const chosen = Array.from(
      { length: 60 },
      (_, number) => router.pickEndpoint(request(number, { tried: [triedOnce], adapter: 'french' }), endpoints).endpoint.endpoint,
    );

    expect([...new Set(chosen)].filter((name) => names.slice(0, 5).includes(name))).toEqual([]);
  });

  it('spreads a burst before any replica has reported anything', () => {
    const counts = burst(policy, replicas());

    if (!blind) expect(Math.max(...counts.values())).toBeLessThanOrEqual(60);
  });

  it('survives metrics that are old, missing or lies', () => {
    const lies: RouterLoad[] = [
      { running: Number.NaN, waiting: Number.NaN, kvUse: Number.NaN },
      { running: -7, waiting: -1, kvUse: -3 },
      { running: 1e300, waiting: Number.POSITIVE_INFINITY, kvUse: 99 },
      { running: 0, waiting: 0 },
    ];
    const cachedTokens = [Number.NaN, -4, 1e300, 0];
    const endpoints = replicas((index) => lies[index % 4] ?? { running: 0, waiting: 0 }).map((endpoint, index) => ({
      ...endpoint,
      cachedTokens: () => cachedTokens[index % 4] ?? 0,
      offloadedTokens: () => ({ host: cachedTokens[index % 4] ?? 0, disk: Number.NaN }),
      costNanoUsd: () => cachedTokens[index % 4] ?? 0,
      kvTokens: index % 2 === 0 ? Number.NaN : -1,
    }));

    const counts = burst(policy, endpoints);

    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(160);
  });

  it('goes on when replicas vanish and come back, also under requests in flight', () => {
    const { router, request } = setUp(policy);
    const all = replicas();
    const open: string[] = [];
    for (let number = 0; number < 120; number += 1) {
      const present = all.filter((_endpoint, index) => (number + index) % 3 !== 0);
      const { endpoint, decision } = router.pickEndpoint(request(number % 10), present);
      open.push(decision.id);
      expect(present).toContain(endpoint);
      if (number % 4 === 0) router.forget(names[number % REPLICAS] ?? '');
      if (number % 2 === 0) router.observe(open.shift() ?? '', { outcome: 'ok', realisedCachedTokens: 0, ttftMs: 20, outputTokens: 10 });
    }
  });

  it('says that there is no replica where none is left', () => {
    const { router, request } = setUp(policy);

    expect(() => router.pickEndpoint(request(1), [])).toThrow(expect.objectContaining({ code: 'no_endpoint' }));
    expect(() => router.pickEndpoint(request(1, { tried: names }), replicas())).toThrow(expect.objectContaining({ code: 'no_endpoint' }));
  });
});
