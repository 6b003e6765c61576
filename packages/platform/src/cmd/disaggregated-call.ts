import { durationToMs, type Model } from '@maru/api/resources';
import { type Engine, handOver, type PrefillLeg } from '#engines';
import type { Attempt, AttemptLeg, RequestFacts } from '#gateway';
import { classifyFailure, decodeEndpoints, isDisaggregated, type Picked, type PickRequest, type PrefillRules, pickPlaces, type Router } from '#router';
import type { PlacementOptions } from './placement-options.ts';

/** Prompts that are computed elsewhere wait so long where the Model says nothing. */
const PREFILL_TIMEOUT_MS = 30_000;
const USUAL_RULES: PrefillRules = Object.freeze({ profile: 'decode-first', minUncachedTokens: 512 });

type Operation = RequestFacts['operation'];

/** The engine of an attempt, and what is known of its way. */
type Placed = Pick<Attempt, 'legs'> & Picked<Engine>;

/** Picks who answers a request and, where replicas share the work, who computes its prompt. Throws what `pickEndpoint` throws. */
export function placeCall(
  options: Pick<PlacementOptions, 'router' | 'clock' | 'counters'>,
  request: PickRequest,
  { engines, model, operation }: { readonly engines: readonly Engine[]; readonly model: Model | undefined; readonly operation: Operation },
): Placed {
  const { router, clock, counters } = options;
  if (!isDisaggregated(engines) || (operation !== 'chat' && operation !== 'completions')) return router.pickEndpoint(request, decodeEndpoints(engines));
  const rules = model?.spec.serving?.disaggregation;
  const { decode, prefill } = pickPlaces(router, request, { endpoints: engines, rules: rules ?? USUAL_RULES });
  if (prefill === undefined) return { ...decode, endpoint: handOver({ decode: decode.endpoint, clock }) };
  const legs: AttemptLeg[] = [];
  const onLeg = (leg: PrefillLeg): void => {
    legs.push(toLeg(leg, prefill.decision.id));
    counters.count(leg.endpoint, leg.outcome);
    observePrefill(router, prefill.decision.id, leg);
  };
  const timeoutMs = rules === undefined ? PREFILL_TIMEOUT_MS : durationToMs(rules.prefillTimeout);
  const engine = handOver({ decode: decode.endpoint, prefill: { engine: prefill.endpoint, timeoutMs, onLeg }, clock });
  return { ...decode, endpoint: engine, legs: () => legs };
}

const toLeg = ({ endpoint, startMs, endMs, error, computed }: PrefillLeg, decision: string): AttemptLeg => ({
  name: 'prefill',
  endpoint,
  startMs,
  endMs,
  ...(error === undefined ? {} : { error }),
  attributes: { decisionId: decision, ...(computed === undefined ? {} : { promptTokens: computed.promptTokens, cachedTokens: computed.cachedTokens }) },
});

function observePrefill(router: Router, decision: string, { outcome, computed, error, startMs, endMs }: PrefillLeg): void {
  const status = error?.details['upstreamStatus'];
  router.observe(decision, {
    outcome,
    realisedCachedTokens: computed?.cachedTokens,
    ttftMs: outcome === 'ok' ? endMs - startMs : undefined,
    durationMs: endMs - startMs,
    ...(error === undefined || outcome !== 'error'
      ? {}
      : { failure: classifyFailure({ code: error.code, status: typeof status === 'number' ? status : undefined }) }),
  });
}
