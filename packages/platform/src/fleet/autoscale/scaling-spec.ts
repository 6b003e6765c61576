/** Ways to scale a fleet. */
export const SCALING_POLICIES = ['fixed', 'hpa-queue', 'keda', 'wva', 'dynamo-planner'] as const;
export type ScalingName = (typeof SCALING_POLICIES)[number];

/** How the planner guesses the load of its next interval. */
export const PREDICTORS = ['constant', 'arima', 'kalman', 'seasonal'] as const;
export type PredictorName = (typeof PREDICTORS)[number];

/** Settings of a way to scale; what is absent has the default of the system that it comes from. Values that can cross to a thread. */
export interface ScalingSpec {
  readonly policy: ScalingName;
  /** `hpa-queue`: waiting requests per replica. */
  readonly targetWaiting?: number | undefined;
  /** `keda`: a trigger each. */
  readonly triggers?: readonly KedaTrigger[] | undefined;
  /** `hpa-queue`, `keda`: how long the highest of the last wishes holds before a fleet shrinks. */
  readonly scaleDownWindowMs?: number | undefined;
  /** How often it decides; of the planner, how often its loop over the load does. */
  readonly everyMs?: number | undefined;
  readonly planner?: PlannerSpec | undefined;
}

/** A trigger that sums a metric over the fleet and gives each replica `threshold` of it. */
export interface KedaTrigger {
  readonly metric: 'waiting' | 'running';
  readonly threshold: number;
}

export interface PlannerSpec {
  readonly loops?: 'throughput' | 'load' | 'both' | undefined;
  readonly predictor?: PredictorName | undefined;
  /** Intervals of the loop over throughput that a season of `seasonal` has. */
  readonly season?: number | undefined;
  readonly throughputEveryMs?: number | undefined;
  readonly ttftMs?: number | undefined;
  readonly itlMs?: number | undefined;
  /** The fleet shrinks when every estimate is below this share of its objective. */
  readonly sensitivity?: number | undefined;
}
