export { ENGINE_OPERATIONS, type Engine, type EngineLoad, type EngineOperation, type EngineReply, type EngineRequest } from './engine.ts';
