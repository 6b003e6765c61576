import { PlatformError } from '@maru/api/errors';
import { type RouteDecision, type Usage, ZERO_USAGE } from '@maru/api/records';
import type { DecisionDetail, EndpointState, PrefixPlaces, RoutedEndpoint, Routing } from '@maru/api/wire';
import type { RoutingPorts } from '#control';
import { type Calibration, promptFactsOf, type RecentPrompt, type Router } from '#router';
import { addressOf, type EndpointFleets, endpointName } from '../endpoint-fleets.ts';
import type { EnginePool } from '../engine-pool.ts';

export interface RoutingPortsOptions {
  readonly router: Router;
  readonly pool: Pick<EnginePool, 'enginesOf'>;
  readonly fleets: Pick<EndpointFleets, 'all' | 'fleetOf'>;
  readonly endpoints: () => readonly EndpointState[];
  /** Processes that decide beside this one. */
  readonly workers: number;
  /** What so many tokens of a model cost; null where no price is known. */
  readonly costNanoUsd: (model: string, usage: Usage) => number | null;
}

/** Tokens per block of the router's index, before an endpoint was ever chosen. */
const BLOCK_TOKENS = promptFactsOf({}).blockTokens;
const STRETCH_MS = 300_000;
const MOST_SESSIONS = 100;

/** What the router and the fleets know, as the console shows it. */
export function routingPorts(options: RoutingPortsOptions): RoutingPorts {
  const { router, pool, fleets } = options;

  const placesOf = (prompt: Prompt, key: object | undefined): PrefixPlaces => {
    const names = pool.enginesOf(prompt.model).map(({ endpoint }) => endpoint);
    const held = router.holders(prompt.hashes, names);
    const fleet = fleets.fleetOf(prompt.model);
    return {
      model: prompt.model,
      promptTokens: prompt.promptTokens,
      blockTokens: BLOCK_TOKENS,
      blocks: prompt.hashes.length,
      endpoints: names.map((endpoint, index) => {
        const exact = key === undefined ? undefined : fleet?.cachedTokens(addressOf({ model: prompt.model, endpoint }), key);
        return exact === undefined
          ? { endpoint, cachedTokens: Math.min(prompt.promptTokens, (held[index] ?? 0) * BLOCK_TOKENS), source: 'decisions' as const }
          : { endpoint, cachedTokens: Math.min(prompt.promptTokens, exact), source: 'events' as const };
      }),
    };
  };

  const ofSession = (session: string): PrefixPlaces => {
    const prompt = router.sessions().find((recent) => recent.session === session);
    if (prompt === undefined)
      throw new PlatformError('not_found', { message: `no recent request of the session "${session}" was placed by its prompt; send one, or look for a text` });
    return placesOf(prompt, undefined);
  };

  return {
    endpoints: () => Promise.resolve(readRouting(options)),
    calibration: ({ fromMs, toMs }) => Promise.resolve({ stretchMs: STRETCH_MS, items: router.history(fromMs).filter(({ atMs }) => atMs < toMs) }),
    decision(id) {
      const decision = router.decision(id);
      if (decision === undefined) return Promise.resolve(undefined);
      const prompt = router.promptOf(id);
      return Promise.resolve({ decision, elsewhere: elsewhereOf(decision, options), places: prompt === undefined ? null : placesOf(prompt, undefined) });
    },
    async locate(request) {
      if ('session' in request) return ofSession(request.session);
      const { model, ...body } = request;
      if (pool.enginesOf(model).length === 0) throw new PlatformError('model_not_found', { message: `no endpoint serves a model called "${model}"` });
      const facts = promptFactsOf(body);
      const operation = 'messages' in body ? 'chat' : 'completions';
      const promptBytes = Buffer.byteLength(JSON.stringify('messages' in body ? body.messages : body.prompt));
      await fleets.fleetOf(model)?.prepare(facts, { operation, promptBytes, value: () => body });
      return placesOf({ model, promptTokens: facts.promptTokens, hashes: facts.blockHashes() }, facts);
    },
  };
}

type Prompt = Pick<RecentPrompt, 'model' | 'promptTokens' | 'hashes'>;

function readRouting({ router, fleets, endpoints, workers }: RoutingPortsOptions): Routing {
  const calibration = new Map(router.calibration().map((entry) => [entry.endpoint, entry]));
  return {
    endpoints: endpoints().map((endpoint) => routed(endpoint, calibration.get(endpoint.endpoint), fleets)),
    degradations: fleets.all().flatMap((fleet) =>
      fleet.degradations().map((degradation) => ({
        ...degradation,
        model: fleet.spec.model,
        // What concerns a fleet as a whole carries the name of the model.
        endpoint: degradation.endpoint === fleet.spec.model ? null : endpointName(fleet.spec.model, degradation.endpoint),
      })),
    ),
    blockTokens: BLOCK_TOKENS,
    sessions: router
      .sessions()
      .slice(0, MOST_SESSIONS)
      .map(({ session = '', model, atMs, promptTokens }) => ({ session, model, atMs, promptTokens })),
    workers,
  };
}

function routed(endpoint: EndpointState, seen: Calibration | undefined, fleets: RoutingPortsOptions['fleets']): RoutedEndpoint {
  const fleet = fleets.fleetOf(endpoint.model);
  const name = addressOf(endpoint);
  const followed = fleet?.knowledge().find((state) => state.endpoint === name && state.messages > 0);
  const report = fleet?.signals(name);
  return {
    ...endpoint,
    inFlight: seen?.inFlight ?? 0,
    cache:
      followed === undefined
        ? { source: 'decisions', blocks: seen?.indexBlocks ?? 0, blockTokens: seen?.blockTokens ?? BLOCK_TOKENS, inStep: true }
        : { source: 'events', blocks: followed.blocks, blockTokens: followed.blockSize, inStep: followed.inStep },
    report: report === undefined ? null : { ageMs: Number.isFinite(report.ageMs) ? report.ageMs : null, stale: report.stale },
    learned: seen === undefined ? null : learnedOf(seen),
  };
}

const learnedOf = ({ rates, ...seen }: Calibration): NonNullable<RoutedEndpoint['learned']> => ({
  decisions: seen.decisions,
  joined: seen.joined,
  trust: seen.trust,
  hitError: seen.hitError,
  slowness: seen.slowness,
  ttftErrorMs: seen.timed === 0 ? null : seen.ttftErrorMs,
  firstTokenMs: rates.firstTokenMs,
  prefillMsPerToken: rates.prefillMsPerToken,
  stepMs: rates.stepMs,
});

function elsewhereOf(decision: RouteDecision, { costNanoUsd }: Pick<RoutingPortsOptions, 'costNanoUsd'>): DecisionDetail['elsewhere'] {
  const here = decision.candidates.find(({ endpoint }) => endpoint === decision.chosen)?.predictedTtftMs;
  return decision.candidates.map(({ endpoint, removedBy, predictedTtftMs, expectedCachedTokens }) => {
    const cacheReadTokens = Math.min(decision.promptTokens, expectedCachedTokens);
    const prompt = { ...ZERO_USAGE, inputTokens: decision.promptTokens - cacheReadTokens, cacheReadTokens };
    return {
      endpoint,
      ttftDeltaMs: here === undefined || predictedTtftMs === undefined ? null : predictedTtftMs - here,
      promptCostNanoUsd: removedBy === undefined ? costNanoUsd(decision.model, prompt) : null,
    };
  });
}
