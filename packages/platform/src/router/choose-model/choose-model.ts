import type { Experiment, Route, RouteSpec } from '@maru/api/resources';
import { withClassifier } from '../prompt/prompt-facts.ts';
import { type BackendSignals, NO_SIGNALS } from './backend-signals.ts';
import { canaryReason } from './canary.ts';
import { describeCondition } from './conditions.ts';
import { chooseVariant } from './experiment.ts';
import { fallbackChain } from './fallback-chain.ts';
import { filterTags } from './filter-tags.ts';
import { orderBackends } from './order-backends.ts';
import type { RouteFacts } from './route-facts.ts';
import { takeGroup } from './take-group.ts';

export interface ModelChoice {
  readonly model: string;
  /** For a person: `short and simple: reader`. */
  readonly reason: string;
  /** Whether it is a backend of the route, or stands behind it. */
  readonly role: 'backend' | 'fallback';
  /** Where an experiment decided. */
  readonly variant?: string;
  /** Of the backend, where it has its own. */
  readonly timeouts?: NonNullable<RouteSpec['backends'][number]['timeouts']>;
}

/** A model that can not take the request, and why. */
interface SkippedModel {
  readonly model: string;
  readonly problem: string;
  readonly kind: 'unavailable' | 'limit' | 'budget' | 'context';
}

export interface ModelChoices {
  /** In the order in which they are to be tried, without repeats; empty when nothing can take the request. */
  readonly choices: readonly ModelChoice[];
  readonly skipped: readonly SkippedModel[];
}

export interface ChooseModelOptions {
  readonly experiment?: Experiment | undefined;
  /** Gives the route behind a fallback that names a route; undefined for a model. */
  readonly routeNamed?: ((name: string) => Route | undefined) | undefined;
  /** Why a model can not take any request now, for example `no ready replica`; undefined where it can. */
  readonly unavailable?: ((model: string) => string | undefined) | undefined;
  /** Nothing is known of a model where absent. */
  readonly signalsOf?: ((model: string) => BackendSignals) | undefined;
  /** The model that this session was on; goes first where it may answer. */
  readonly stickTo?: string | undefined;
}

/** Routes behind routes that are followed. */
const MAX_DEPTH = 4;

/**
 * The models for a request, in the order in which they are to be tried. The group of backends whose conditions hold is filtered (tags,
 * limits, budgets), scored and picked from by the route's strategy; the others of the group stand by, then come the fallbacks. What
 * rests after failures goes to the end; what is too small for the prompt is left out where something larger is there.
 */
export function chooseModel(route: Route, facts: RouteFacts, options: ChooseModelOptions & { readonly random: () => number }): ModelChoices {
  const scoped = route.spec.classifier === undefined ? facts : { ...facts, prompt: withClassifier(facts.prompt, route.spec.classifier) };
  const skipped: SkippedModel[] = [];
  const signalsOf = options.signalsOf ?? (() => NO_SIGNALS);
  const found = expand(route, scoped, { ...options, signalsOf, depth: 0, skipped });
  const seen = new Set<string>();
  const left: ModelChoice[] = [];
  for (const choice of found) {
    if (seen.has(choice.model)) continue;
    seen.add(choice.model);
    const problem = options.unavailable?.(choice.model);
    if (problem !== undefined) skipped.push({ model: choice.model, problem, kind: 'unavailable' });
    else left.push(choice);
  }
  const fitting = route.spec.contextCheck ? fittingOf(left, scoped, { signalsOf, skipped }) : left;
  const resting = fitting.length < 2 ? [] : fitting.filter((choice) => signalsOf(choice.model).healthy === 0);
  const ordered = resting.length === 0 ? fitting : [...fitting.filter((choice) => !resting.includes(choice)), ...resting];
  return { choices: explainSkipped(ordered, skipped, resting), skipped };
}

type Expansion = ChooseModelOptions & {
  readonly random: () => number;
  readonly signalsOf: (model: string) => BackendSignals;
  readonly depth: number;
  readonly skipped: SkippedModel[];
};

function expand(route: Route, facts: RouteFacts, options: Expansion): ModelChoice[] {
  const backends = backendChoices(route, facts, options);
  if (route.spec.fallbacks.length === 0) return backends;
  const choices = [...backends];
  const rules = route.spec.fallbacks.filter((fallback) => fallback.on === 'any');
  const from = backends.length > 0 ? backends.map((choice) => choice.model) : route.spec.backends.slice(0, 1).map((backend) => backend.model);
  for (const { name, of } of fallbackChain(from, rules)) {
    const behind = options.routeNamed?.(name);
    if (behind === undefined) choices.push({ model: name, reason: `fallback of ${of}: ${name}`, role: 'fallback' });
    else if (options.depth < MAX_DEPTH) {
      const nested = expand(behind, facts, { ...options, experiment: undefined, stickTo: undefined, depth: options.depth + 1 });
      choices.push(...nested.map((choice): ModelChoice => ({ ...choice, role: 'fallback' })));
    }
  }
  return choices;
}

function backendChoices(route: Route, facts: RouteFacts, options: Expansion): ModelChoice[] {
  const { spec } = route;
  const group = filterTags(takeGroup(spec.backends, facts), facts.tags ?? [], spec.tagMatch);
  const { ordered, full } = orderBackends(group, { spec, facts, signalsOf: options.signalsOf, random: options.random });
  options.skipped.push(...full);
  const choices = ordered.map(({ backend, why }, place): ModelChoice => {
    const what = backend.reason ?? describeCondition(backend.when, facts);
    const reason = place === 0 ? `${what}${why === '' ? '' : ` (${why})`}: ${backend.model}` : `stands by for ${ordered[0]?.backend.model}: ${backend.model}`;
    return { model: backend.model, reason, role: 'backend', ...(backend.timeouts === undefined ? {} : { timeouts: backend.timeouts }) };
  });
  const stuck = options.experiment === undefined ? choices.find((choice) => choice.model === options.stickTo) : undefined;
  const first = stuck === undefined ? ahead(route, facts, options) : { ...stuck, reason: `the model of this session: ${stuck.model}` };
  return first === undefined ? choices : [first, ...choices];
}

/** What goes before the strategy: the variant of an experiment, or the canary. */
function ahead(route: Route, facts: RouteFacts, options: Expansion): ModelChoice | undefined {
  const { experiment } = options;
  const variant = experiment === undefined ? undefined : chooseVariant(experiment, facts);
  if (variant !== undefined && experiment !== undefined)
    return {
      model: variant.model,
      reason: `experiment ${experiment.metadata.name}, variant ${variant.name}: ${variant.model}`,
      role: 'backend',
      variant: variant.name,
    };
  const canary = canaryReason({ name: route.metadata.name, spec: route.spec }, facts);
  const model = route.spec.canary?.model;
  return canary === undefined || model === undefined ? undefined : { model, reason: `${canary}: ${model}`, role: 'backend' };
}

/** Leaves out what is too small for the prompt, unless everything is: the estimate may be wrong, the engine knows. */
function fittingOf(
  choices: readonly ModelChoice[],
  facts: RouteFacts,
  options: { readonly signalsOf: (model: string) => BackendSignals; readonly skipped: SkippedModel[] },
): readonly ModelChoice[] {
  if (choices.length < 2) return choices;
  const need = facts.prompt.promptTokens + (facts.prompt.maxTokens ?? 0);
  const tooSmall = choices.filter((choice) => {
    const window = options.signalsOf(choice.model).contextWindow;
    return window !== undefined && window < need;
  });
  if (tooSmall.length === 0 || tooSmall.length === choices.length) return choices;
  for (const { model } of tooSmall)
    options.skipped.push({ model, problem: `its context of ${options.signalsOf(model).contextWindow} tokens is below ${need}`, kind: 'context' });
  return choices.filter((choice) => !tooSmall.includes(choice));
}

/** The first reason also says who would have gone before. */
function explainSkipped(choices: readonly ModelChoice[], skipped: readonly SkippedModel[], resting: readonly ModelChoice[]): readonly ModelChoice[] {
  if (skipped.length === 0 && resting.length === 0) return choices;
  const [first, ...others] = choices;
  const out = [
    ...skipped.map(({ model, problem }) => `${model} is out (${problem})`),
    ...(resting.length === choices.length ? [] : resting.map(({ model }) => `${model} rests after failures`)),
  ];
  return first === undefined || out.length === 0 ? choices : [{ ...first, reason: `${out.join(', ')}; ${first.reason}` }, ...others];
}
