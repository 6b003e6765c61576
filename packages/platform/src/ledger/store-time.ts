import type { Clock } from '#time';

/** The clock of the store, as far as this process knows it: its own wall clock may be wrong by hours. */
export interface StoreTime {
  nowMs(): number;
  /** What it shows at a monotonic moment. */
  at(tick: number): number;
  /** How far it may be off: as long as the last answer took, and what clocks have drifted apart since. */
  errorMs(): number;
  /** An answer of the store that was asked at `sent` and came at `received` (both monotonic) and bore `storeMs`. */
  learn(answer: { readonly storeMs: number; readonly sent: number; readonly received: number }): void;
}

// No clock of a machine runs faster or slower than another by a thousandth.
const MAX_DRIFT = 0.001;

/** Until the first answer the own wall clock is believed; then the offset is kept within what the last answer allows. */
export function createStoreTime(clock: Clock): StoreTime {
  let offsetMs = clock.nowMs() - clock.monotonicMs();
  let roundTripMs = 0;
  let learntAt = clock.monotonicMs();
  return {
    nowMs: () => Math.floor(clock.monotonicMs() + offsetMs),
    at: (tick) => Math.floor(tick + offsetMs),
    errorMs: () => roundTripMs + (clock.monotonicMs() - learntAt) * MAX_DRIFT,
    learn({ storeMs, sent, received }) {
      roundTripMs = received - sent;
      learntAt = received;
      offsetMs = Math.min(Math.max(offsetMs, storeMs - received), storeMs - sent);
    },
  };
}
