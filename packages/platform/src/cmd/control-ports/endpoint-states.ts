import type { Model } from '@maru/api/resources';
import type { EndpointState } from '@maru/api/wire';
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
}

/** Load and cache truth of every endpoint, from the engine itself and from what the router has seen. */
export function endpointStates({ registry, pool, router, counters }: EndpointStatesOptions): readonly EndpointState[] {
  const calibration = new Map(router.calibration().map((entry) => [entry.endpoint, entry]));
  const firstTokens = new Map<string, number[]>();
  for (const { chosen, realisedTtftMs } of router.decisions({ limit: 1000 })) {
    if (realisedTtftMs !== null) firstTokens.set(chosen, [...(firstTokens.get(chosen) ?? []), realisedTtftMs]);
  }
  const promptTokens = new Map<string, { expected: number; realised: number; prompt: number }>();
  for (const decision of router.decisions({ limit: 1000 })) {
    if (decision.realisedCachedTokens === null) continue;
    const sum = promptTokens.get(decision.chosen) ?? { expected: 0, realised: 0, prompt: 0 };
    promptTokens.set(decision.chosen, {
      expected: sum.expected + decision.expectedCachedTokens,
      realised: sum.realised + decision.realisedCachedTokens,
      prompt: sum.prompt + decision.promptTokens,
    });
  }
  return pool.all().map((engine) => {
    const seen = calibration.get(engine.endpoint);
    const hits = promptTokens.get(engine.endpoint);
    const times = (firstTokens.get(engine.endpoint) ?? []).sort((left, right) => left - right);
    return {
      ...loadOf(engine),
      state: seen?.coolingDown === true ? 'cooling' : 'ready',
      expectedHit: share(hits?.expected, hits?.prompt),
      realisedHit: share(hits?.realised, hits?.prompt),
      ttftP50Ms: percentile(times, 0.5),
      ttftP95Ms: percentile(times, 0.95),
      ...counters.of(engine.endpoint),
      usdPerMillionOutput: priceOf(registry.get('Model', engine.model)),
    };
  });
}

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
  };
}

const share = (part: number | undefined, whole: number | undefined): number | null =>
  part === undefined || whole === undefined || whole === 0 ? null : Math.min(1, part / whole);

/** Nearest rank. */
const percentile = (sorted: readonly number[], rank: number): number | null => sorted[Math.max(0, Math.ceil(sorted.length * rank) - 1)] ?? null;

const priceOf = (model: Model | undefined): number | null => model?.spec.price?.outputUsdPerMillion ?? null;
