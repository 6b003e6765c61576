import type { Model } from '@maru/api/resources';
import type { EndpointState, ModelPrice } from '@maru/api/wire';
import type { Engine } from '#engines';
import type { Registry } from '#resources';
import type { Router } from '#router';
import type { EndpointCounters } from '../endpoint-counters.ts';
import type { EnginePool } from '../engine-pool.ts';

export interface EndpointStatesOptions {
  readonly registry: Registry;
  readonly pool: EnginePool;
  readonly router: Router;
  readonly counters: EndpointCounters;
  readonly listPrice: (model: Model) => ModelPrice | null;
}

/** Load and cache truth of every endpoint, from the engine itself and from what the router has seen. */
export function endpointStates({ registry, pool, router, counters, listPrice }: EndpointStatesOptions): readonly EndpointState[] {
  const calibration = new Map(router.calibration().map((entry) => [entry.endpoint, entry]));
  const firstTokens = new Map<string, number[]>();
  const answers = new Map<string, number[]>();
  for (const { chosen, realisedTtftMs, realisedMs, outcome } of router.decisions({ limit: 1000 })) {
    if (realisedTtftMs !== null) firstTokens.set(chosen, [...(firstTokens.get(chosen) ?? []), realisedTtftMs]);
    else if (realisedMs !== null && outcome === 'ok') answers.set(chosen, [...(answers.get(chosen) ?? []), realisedMs]);
  }
  const hits = new Map<string, { expected: number; prompt: number; cached: number; seen: number }>();
  for (const point of router.history()) {
    const sum = hits.get(point.endpoint) ?? { expected: 0, prompt: 0, cached: 0, seen: 0 };
    hits.set(point.endpoint, {
      expected: sum.expected + point.expectedCachedTokens,
      prompt: sum.prompt + point.promptTokens,
      cached: sum.cached + point.seenCachedTokens,
      seen: sum.seen + point.seenPromptTokens,
    });
  }
  return pool.all().map((engine) => {
    const seen = calibration.get(engine.endpoint);
    const hit = hits.get(engine.endpoint);
    const model = registry.get('Model', engine.model);
    const streamed = inOrder(firstTokens.get(engine.endpoint));
    const whole = inOrder(answers.get(engine.endpoint));
    return {
      ...loadOf(engine),
      state: seen?.coolingDown === true ? 'cooling' : 'ready',
      breaker: seen?.breaker ?? CLOSED,
      expectedHit: share(hit?.expected, hit?.prompt),
      realisedHit: share(hit?.cached, hit?.seen),
      ttftP50Ms: percentile(streamed, 0.5),
      ttftP95Ms: percentile(streamed, 0.95),
      answerP50Ms: percentile(whole, 0.5),
      answerP95Ms: percentile(whole, 0.95),
      ...counters.of(engine.endpoint),
      usdPerMillionOutput: (model === undefined ? null : listPrice(model)?.usd.outputTokens) ?? null,
    };
  });
}

/** Of an endpoint that was never chosen. */
const CLOSED: EndpointState['breaker'] = Object.freeze({ state: 'closed', ejected: false, restsMs: 0, failures: 0, share: 1 });

function loadOf(engine: Engine) {
  const load = engine.load();
  const vendor = engine.provider !== 'twin' && engine.provider !== 'reader';
  return {
    endpoint: engine.endpoint,
    model: engine.model,
    provider: engine.provider,
    simulated: engine.simulated,
    running: load.running,
    // A vendor does not tell how many requests wait for it.
    waiting: vendor ? null : load.waiting,
    kvUse: load.kvUse ?? null,
    ...(engine.role === undefined ? {} : { role: engine.role }),
  };
}

const share = (part: number | undefined, whole: number | undefined): number | null =>
  part === undefined || whole === undefined || whole === 0 ? null : Math.min(1, part / whole);

const inOrder = (times: readonly number[] = []): readonly number[] => times.toSorted((left, right) => left - right);

/** Nearest rank. */
const percentile = (sorted: readonly number[], rank: number): number | null => sorted[Math.max(0, Math.ceil(sorted.length * rank) - 1)] ?? null;
