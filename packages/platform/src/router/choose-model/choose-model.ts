import type { Experiment, Route, RouteSpec } from '@maru/api/resources';
import { conditionHolds, describeCondition } from './conditions.ts';
import { chooseVariant } from './experiment.ts';
import { fallbackChain } from './fallback-chain.ts';
import type { RouteFacts } from './route-facts.ts';
import { takeByWeight } from './weighted.ts';

export interface ModelChoice {
  readonly model: string;
  /** For a person: `short and simple: reader`. */
  readonly reason: string;
  /** Where an experiment decided. */
  readonly variant?: string;
}

export interface ChooseModelOptions {
  readonly experiment?: Experiment | undefined;
  /** Gives the route behind a fallback that names a route; undefined for a model. */
  readonly routeNamed?: ((name: string) => Route | undefined) | undefined;
  /** Why a model can not take this request now, for example `no ready replica`; undefined where it can. */
  readonly unavailable?: ((model: string) => string | undefined) | undefined;
}

/** Routes behind routes that are followed. */
const MAX_DEPTH = 4;

/**
 * The models for a request, in the order in which they are to be tried, without repeats. The first backend whose conditions
 * hold decides, together with those of the same conditions by weight; then come the fallbacks. Unavailable models are left
 * out; the list is empty when no backend fits.
 */
export function chooseModel(route: Route, facts: RouteFacts, options: ChooseModelOptions & { readonly random: () => number }): ModelChoice[] {
  const choices = expand(route, facts, { ...options, depth: 0 });
  const seen = new Set<string>();
  const left: ModelChoice[] = [];
  const skipped: string[] = [];
  for (const choice of choices) {
    if (seen.has(choice.model)) continue;
    seen.add(choice.model);
    const problem = options.unavailable?.(choice.model);
    if (problem !== undefined) skipped.push(`${choice.model} is out (${problem})`);
    else left.push(skipped.length === 0 ? choice : { ...choice, reason: `${skipped.join(', ')}; ${choice.reason}` });
  }
  return left;
}

type Expansion = ChooseModelOptions & { readonly random: () => number; readonly depth: number };

function expand(route: Route, facts: RouteFacts, options: Expansion): ModelChoice[] {
  const first = firstChoice(route.spec, facts, options);
  if (first === undefined) return [];
  const choices = [first];
  for (const name of fallbackChain(first.model, route.spec.fallbacks)) {
    const behind = options.routeNamed?.(name);
    if (behind === undefined) choices.push({ model: name, reason: `fallback of ${first.model}: ${name}` });
    else if (options.depth < MAX_DEPTH) choices.push(...expand(behind, facts, { ...options, experiment: undefined, depth: options.depth + 1 }));
  }
  return choices;
}

function firstChoice(spec: RouteSpec, facts: RouteFacts, options: Expansion): ModelChoice | undefined {
  const variant = options.experiment === undefined ? undefined : chooseVariant(options.experiment, facts);
  if (variant !== undefined && options.experiment !== undefined) {
    return { model: variant.model, reason: `experiment ${options.experiment.metadata.name}, variant ${variant.name}: ${variant.model}`, variant: variant.name };
  }
  for (const backend of spec.backends) {
    if (weightOf(backend) <= 0 || !conditionHolds(backend.when, facts)) continue;
    const equals = spec.backends
      .filter((other) => weightOf(other) > 0 && sameCondition(other.when, backend.when))
      .map((other) => ({ ...other, weight: weightOf(other) }));
    const taken = takeByWeight(equals, equals.length === 1 ? 0 : options.random()) ?? { ...backend, weight: weightOf(backend) };
    const why = taken.reason ?? describeCondition(taken.when, facts);
    const share = equals.length === 1 ? '' : ` (weight ${taken.weight} of ${equals.reduce((sum, each) => sum + each.weight, 0)})`;
    return { model: taken.model, reason: `${why}${share}: ${taken.model}` };
  }
  return undefined;
}

const sameCondition = (left: RouteSpec['backends'][number]['when'], right: RouteSpec['backends'][number]['when']): boolean =>
  JSON.stringify(left ?? {}) === JSON.stringify(right ?? {});

const weightOf = (backend: RouteSpec['backends'][number]): number => backend.weight ?? 1;
