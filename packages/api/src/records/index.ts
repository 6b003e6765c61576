export { type Charge, chargeSchema, NANO_PER_USD, nanoToUsd, type Payer, payerSchema, usdToNano } from './charge.ts';
export { type Distribution, distributionSchema, type LoadReport, type LoadStage, loadReportSchema, loadStageSchema } from './load-report.ts';
export { type RouteDecision, routeDecisionSchema } from './route-decision.ts';
export { RUN_STATES, type Run, type RunState, type RunStep, runSchema, runStepSchema } from './run.ts';
export { type Score, scoreSchema } from './score.ts';
export { SPAN_KINDS, type Span, type SpanKind, spanSchema } from './span.ts';
export {
  addUsage,
  completionTokens,
  isNoUsage,
  promptTokens,
  RARE_BUCKETS,
  type RareBucket,
  type Usage,
  type UsageBucket,
  usageBucketSchema,
  usageSchema,
  ZERO_USAGE,
} from './usage.ts';
