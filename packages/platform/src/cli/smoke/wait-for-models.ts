import { servedModelListSchema } from '@maru/api/wire';
import type { Clock } from '#time';
import type { ApiClient } from '../client.ts';

export interface ModelState {
  readonly name: string;
  /** Endpoints that answer for it. */
  readonly endpoints: number;
}

export interface WaitForModelsOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const EVERY_MS = 250;

/** How many endpoints models have when each has one, or when the time is over. Throws `cancelled` when it is stopped. */
export async function waitForModels(names: readonly string[], { client, clock, timeoutMs, signal }: WaitForModelsOptions): Promise<readonly ModelState[]> {
  const endMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    const { items } = await client.call({ path: '/api/v1/models', schema: servedModelListSchema, signal });
    const states = names.map((name) => ({ name, endpoints: items.find(({ id }) => id === name)?.endpoints.length ?? 0 }));
    if (states.every(({ endpoints }) => endpoints > 0) || clock.monotonicMs() + EVERY_MS > endMs) return states;
    await clock.sleep(EVERY_MS, signal);
  }
}
