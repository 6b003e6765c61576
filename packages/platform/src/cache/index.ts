export { type AnswerCache, type AnswerCacheOptions, type CachePolicy, type CacheTurn, createAnswerCache } from './answer-cache.ts';
export type { AnswerStore } from './answer-store.ts';
export { type CacheControls, readCacheControls } from './cache-controls.ts';
export type { AnswerPiece, CachedAnswer } from './cached-answer.ts';
export { createDatabaseStore } from './database-store.ts';
export { createMemoryStore } from './memory-store.ts';
export type { Embedder } from './ports.ts';
export { createRedisStore } from './redis-store.ts';
export type { CacheRequest } from './request-key.ts';
