import type { EngineCapacity, FleetSample } from '../scaling-policy.ts';
import type { PredictorName } from '../scaling-spec.ts';
import { createPredictor } from './predictors/create-predictor.ts';

export interface ThroughputLoopOptions {
  readonly everyMs: number;
  readonly predictor: PredictorName;
  readonly season: number;
  readonly ttftMs: number;
  readonly itlMs: number;
  readonly capacity: EngineCapacity;
}

/** Replicas for the load of the next interval, as predicted from those before; undefined before the first one has passed. */
export interface ThroughputLoop {
  observe(sample: FleetSample): number | undefined;
}

export function createThroughputLoop(options: ThroughputLoopOptions): ThroughputLoop {
  const { everyMs, predictor, season, ttftMs, itlMs, capacity } = options;
  const predictors = { requests: createPredictor(predictor, season), input: createPredictor(predictor, season), output: createPredictor(predictor, season) };
  let last: FleetSample | undefined;
  let replicas: number | undefined;

  const plan = (from: FleetSample, sample: FleetSample): void => {
    const seconds = (sample.atMs - from.atMs) / 1000;
    const requests = sample.totals.requests - from.totals.requests;
    predictors.requests.observe(requests / seconds);
    if (requests > 0) {
      predictors.input.observe((sample.totals.inputTokens - from.totals.inputTokens) / requests);
      predictors.output.observe((sample.totals.outputTokens - from.totals.outputTokens) / requests);
    }
    const inputTokens = Math.max(1, predictors.input.next());
    const outputTokens = Math.max(1, predictors.output.next());
    // The share of prompts that caches save is taken as it was last.
    const cached = share(sample.totals.cachedTokens - from.totals.cachedTokens, sample.totals.inputTokens - from.totals.inputTokens);
    const perReplica = capacity({ inputTokens: inputTokens * (1 - cached), outputTokens, ttftMs, itlMs });
    // A replica that can not keep the objectives at all tells nothing of how many are needed.
    replicas = perReplica > 0 ? Math.max(1, Math.ceil(Math.max(0, predictors.requests.next()) / perReplica)) : replicas;
  };

  return {
    observe: (sample) => {
      if (last === undefined) last = sample;
      else if (sample.atMs - last.atMs >= everyMs) {
        plan(last, sample);
        last = sample;
      }
      return replicas;
    },
  };
}

const share = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.min(0.99, Math.max(0, part / whole)));
