export { type AnthropicOptions, createAnthropicEngine } from './anthropic/anthropic-engine.ts';
export type { BatchApi, BatchApiOperation, BatchApiResult } from './batch-api/batch-api.ts';
export type { Continuation } from './continuation/continuation.ts';
export { type CreateEnginesDeps, createEngines, hasStandIns, type LocalReplica, operationsOf } from './create-engines.ts';
export { handOver, type PrefillLeg } from './disaggregation/hand-over.ts';
export {
  ENGINE_OPERATIONS,
  type Engine,
  type EngineLoad,
  type EngineOperation,
  type EngineReply,
  type EngineRequest,
  type EngineRole,
  speaksOf,
} from './engine.ts';
export { createOpenAiCompatibleEngine, type OpenAiCompatibleOptions } from './openai-compatible/openai-compatible-engine.ts';
export { PASS_OPERATIONS, type PassOperation, type PassRequest } from './pass-request.ts';
export type { ProviderEntry } from './providers/provider-entry.ts';
export { PROVIDER_TABLE } from './providers/provider-table.ts';
export { READER_MODEL_CARD } from './reader/model-card.ts';
export { createReaderEngine, type ReaderEngineOptions } from './reader/reader-engine.ts';
export { createReaderEmbedEngine, type ReaderEmbedOptions } from './reader-embed/reader-embed-engine.ts';
export type { TwinCoreOptions } from './twin/engine-parts.ts';
export { parseFaultSchedule, type ScheduledFault } from './twin/faults/fault-schedule.ts';
export { type Fit, type FitOptions, fitProfile, TIMING_FIELDS, type TimingField } from './twin/fit/fit-profile.ts';
export { type MeasuredTime, type Measurements, type TimeError, timeErrors } from './twin/fit/measured-time.ts';
export { readMeasurements } from './twin/fit/read-measurements.ts';
export { createKvEventLog, type KvEventLog, type KvEventLogOptions } from './twin/kv-events/kv-event-log.ts';
export { type KvEventPublisher, type KvEventPublisherOptions, openKvEventPublisher } from './twin/kv-events/kv-event-publisher.ts';
export { parseTwinProfile, TWIN_PROFILES, type TwinProfile, twinProfile } from './twin/profile.ts';
export type { FinishReason, Sequence, SequenceListener, SequenceOptions } from './twin/sequence.ts';
export { type StepWork, stepTimeMs } from './twin/step-time.ts';
export type { GapListener } from './twin/stretch.ts';
export { createTwinCore, type TwinCore } from './twin/twin-core.ts';
export { createTwinDriver, type TwinDriver, type TwinDriverOptions } from './twin/twin-driver.ts';
export { createTwinEngine, type TwinEngine, type TwinEngineOptions } from './twin/twin-engine.ts';
export { createTwinServer, type TwinFaults, type TwinServer, type TwinServerOptions } from './twin/twin-server.ts';
