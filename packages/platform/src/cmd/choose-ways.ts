import { PlatformError } from '@maru/api/errors';
import { ZERO_USAGE } from '@maru/api/records';
import type { Route } from '@maru/api/resources';
import type { CallWishes, RequestFacts } from '#gateway';
import type { ModelChoice, ModelChoices, PromptFacts } from '#router';
import { clientFallbacks } from './client-fallbacks.ts';
import type { PlacementOptions } from './placement-options.ts';
import { routeFactsOf, tagsOf } from './route-facts.ts';

/** The answer that is expected where the request names no limit. */
const USUAL_ANSWER_TOKENS = 512;

interface WaysRequest {
  /** Undefined where a model was asked for by its name. */
  readonly route: Route | undefined;
  readonly facts: RequestFacts;
  readonly prompt: PromptFacts;
  readonly wishes: CallWishes;
  /** The model that this session was on. */
  readonly stickTo: string | undefined;
}

/** The models for a request in the order in which they are to be tried, at least one. Throws when nothing can take it, and what `clientFallbacks` throws. */
export function chooseWays(options: PlacementOptions, request: WaysRequest): readonly ModelChoice[] {
  const { route, facts, wishes } = request;
  const chosen = route === undefined ? byName(facts.target.name) : chooseOfRoute(options, route, request);
  const ways = withWishes(chosen.choices, { fallbacks: clientFallbacks(options, { facts, route, wishes }), wishes });
  if (ways.length === 0) throw nothingLeft(facts.target.name, chosen);
  return ways;
}

const byName = (name: string): ModelChoices => ({ choices: [{ model: name, reason: 'asked for by name', role: 'backend' }], skipped: [] });

function chooseOfRoute(options: PlacementOptions, route: Route, { facts, prompt, stickTo }: WaysRequest): ModelChoices {
  const { registry, pool, router } = options;
  const costNanoUsd = (model: string): number | undefined => {
    const outputTokens = Math.min(USUAL_ANSWER_TOKENS, prompt.maxTokens ?? USUAL_ANSWER_TOKENS);
    return options.costNanoUsd(model, { ...ZERO_USAGE, inputTokens: prompt.promptTokens, outputTokens }) ?? undefined;
  };
  return router.chooseModel(route, routeFactsOf(facts, prompt, tagsOf(facts, route)), {
    experiment: route.spec.experiment === undefined ? undefined : registry.get('Experiment', route.spec.experiment),
    routeNamed: (name) => registry.get('Route', name),
    unavailable: (model) => (pool.enginesOf(model).length === 0 ? (pool.problemOf(model) ?? 'no replica is ready') : undefined),
    stickTo,
    modelFacts: (model) => ({
      endpoints: pool.enginesOf(model).map((engine) => engine.endpoint),
      contextWindow: options.contextWindow(model),
      costNanoUsd: () => costNanoUsd(model),
    }),
  });
}

function withWishes(
  choices: readonly ModelChoice[],
  given: { readonly fallbacks: readonly ModelChoice[] | undefined; readonly wishes: CallWishes },
): readonly ModelChoice[] {
  if (given.wishes.disableFallbacks === true) return choices.filter((choice) => choice.role === 'backend');
  if (given.fallbacks === undefined) return choices;
  const backends = choices.filter((choice) => choice.role === 'backend');
  return [...backends, ...given.fallbacks.filter((fallback) => !backends.some((backend) => backend.model === fallback.model))];
}

function nothingLeft(name: string, { skipped }: ModelChoices): PlatformError {
  const details = { route: name, skipped: skipped.map(({ model, problem }) => ({ model, problem })) };
  const out = skipped.map(({ model, problem }) => `${model} (${problem})`).join(', ');
  if (skipped.some(({ kind }) => kind === 'limit'))
    return new PlatformError('rate_limited', { message: `every backend of the route "${name}" is at its limit: ${out}`, details, retryAfterS: 5 });
  if (skipped.some(({ kind }) => kind === 'budget'))
    return new PlatformError('quota_exceeded', { message: `the budgets of the backends of the route "${name}" are spent: ${out}`, details });
  return new PlatformError('no_endpoint', {
    message:
      skipped.length === 0
        ? `the route "${name}" has no backend for this request; add one without conditions or with its tags`
        : `the route "${name}" has no backend that is ready: ${out}`,
    details,
    retryAfterS: 5,
  });
}
