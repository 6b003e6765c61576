export { ENGINE_OPERATIONS, type Engine, type EngineLoad, type EngineOperation, type EngineReply, type EngineRequest } from './engine.ts';
export { createOpenAiCompatibleEngine, type OpenAiCompatibleOptions } from './openai-compatible/openai-compatible-engine.ts';
