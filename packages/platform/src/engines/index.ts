export { ENGINE_OPERATIONS, type Engine, type EngineLoad, type EngineOperation, type EngineReply, type EngineRequest } from './engine.ts';
export { createOpenAiCompatibleEngine, type OpenAiCompatibleOptions } from './openai-compatible/openai-compatible-engine.ts';
export { createReaderEmbedEngine, type ReaderEmbedOptions } from './reader-embed/reader-embed-engine.ts';
export { TWIN_PROFILES, type TwinProfile, twinProfile } from './twin/profile.ts';
export type { FinishReason, Sequence, SequenceListener, SequenceOptions } from './twin/sequence.ts';
export { createTwinCore, type TwinCore, type TwinCoreOptions } from './twin/twin-core.ts';
export { createTwinDriver, type TwinDriver, type TwinDriverOptions } from './twin/twin-driver.ts';
export { createTwinEngine, type TwinEngine, type TwinEngineOptions } from './twin/twin-engine.ts';
export { createTwinServer, type TwinServer, type TwinServerOptions } from './twin/twin-server.ts';
