export { checkPipeline } from './check-pipeline.ts';
export { createPipelines, type Pipelines, type PipelinesOptions } from './create-pipelines.ts';
export type { PipelineRunFilters, PipelineRunPage } from './list-runs.ts';
export type { Evaluate, Ingest, Measured, PipelinePorts, PublishRoute, SpanSink, StepContext } from './ports.ts';
export type { PipelineEvent } from './run-events.ts';
export { nextDueMs } from './schedule.ts';
