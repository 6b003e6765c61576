import type { Clock } from '#time';

/** The clock of the store, as far as this process knows it: its own wall clock may be wrong by hours. */
export interface StoreTime {
  nowMs(): number;
  /** How far it may be off: the last answer took this long. */
  errorMs(): number;
  /** An answer of the store that was asked at `sent` and came at `received` (both monotonic) and bore `storeMs`. */
  learn(answer: { readonly storeMs: number; readonly sent: number; readonly received: number }): void;
}

/** Until the first answer the own wall clock is believed; then the offset is kept within what the last answer allows. */
export function createStoreTime(clock: Clock): StoreTime {
  let offsetMs = clock.nowMs() - clock.monotonicMs();
  let errorMs = 0;
  return {
    nowMs: () => Math.floor(clock.monotonicMs() + offsetMs),
    errorMs: () => errorMs,
    learn({ storeMs, sent, received }) {
      errorMs = received - sent;
      offsetMs = Math.min(Math.max(offsetMs, storeMs - received), storeMs - sent);
    },
  };
}
