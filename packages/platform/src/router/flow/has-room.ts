import type { Elsewhere } from '../exchange/elsewhere.ts';
import type { RouterEndpoint } from '../ports.ts';
import type { EndpointState } from '../state/endpoint-state.ts';
import { type SaturationSettings, saturationOf } from './saturation.ts';

export interface RoomContext {
  readonly settings: SaturationSettings;
  readonly stateOf: (endpoint: RouterEndpoint) => EndpointState;
  readonly nowMs: number;
  readonly elsewhere: Pick<Elsewhere, 'of'>;
}

const BATCH_FADING = 0.98;

/** Whether one of the endpoints can take more; those that rest count only where all do. True where there are none. */
export function hasRoom(endpoints: readonly RouterEndpoint[], context: RoomContext): boolean {
  let full = 0;
  let resting = 0;
  for (const endpoint of endpoints) {
    const state = context.stateOf(endpoint);
    const cannotTake = isFull(endpoint, state, context);
    if (state.health.resting(context.nowMs)) resting += 1;
    else if (!cannotTake) return true;
    if (cannotTake) full += 1;
  }
  return resting === endpoints.length && (full < endpoints.length || full === 0);
}

/** Whether an endpoint should get nothing more. */
export function isFull(endpoint: RouterEndpoint, state: EndpointState, { settings, elsewhere }: Pick<RoomContext, 'settings' | 'elsewhere'>): boolean {
  const load = endpoint.load();
  // One look may catch a batch that is just being made, so it only falls slowly.
  if (load.reports === 'fresh' && load.waiting > 0 && load.running > 0) state.batch = Math.max(load.running, (state.batch ?? 0) * BATCH_FADING);
  const { work, batch } = state;
  const others = elsewhere.of(state.endpoint);
  const own = {
    inFlight: work.inFlight + others.inFlight,
    prefilling: work.pending.count + others.prefilling,
    uncachedTokens: work.uncachedTokens + others.uncachedTokens,
    batch,
  };
  return saturationOf(load, own, { kvTokens: endpoint.kvTokens, settings }) >= 1;
}
