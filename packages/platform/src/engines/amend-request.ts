import type { EngineRequest } from './engine.ts';

/** A request with some fields changed. A spread alone would lose the fields that are made only when they are asked for. */
export const amendRequest = (request: EngineRequest, changes: Partial<Omit<EngineRequest, 'signal' | 'onAbort'>>): EngineRequest => ({
  ...request,
  ...changes,
  body: changes.body ?? request.body,
  signal: request.signal,
  ...(request.onAbort === undefined ? {} : { onAbort: (callback: (reason: unknown) => void) => request.onAbort?.(callback) }),
});
