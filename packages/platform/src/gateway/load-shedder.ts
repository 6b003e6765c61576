import { PlatformError } from '@maru/api/errors';
import type { Clock, Timer } from '#time';

/** How often the lateness of the thread is looked at. */
const SAMPLE_MS = 50;
/** A thread that is later than this twice in a row answers everybody slowly: better to answer some well. Once may be a pause. */
const TARGET_LATE_MS = 25;
/** So many calls at once are never too many: where the thread is late with them, the machine is busy with something else. */
const FEW_CALLS = 64;
/** A share that is always admitted, so that the end of an overload is noticed. */
const MIN_SHARE = 0.02;
/** Of the share, per sample without lateness: from the least to everything in two and a half seconds. */
const RECOVERY = 0.02;

/**
 * Refuses a part of the calls while the thread can not keep up. The lateness of a timer tells how long every callback waits; the share
 * of admitted calls falls in proportion while it stays above the target and rises by steps below it (additive increase, multiplicative
 * decrease). Refusals are spread evenly, and cost no body, no key and no reservation.
 */
export class LoadShedder {
  readonly #clock: Clock;
  #share = 1;
  #credit = 0;
  #running = 0;
  #lateMs = 0;
  #timer: Timer | undefined;
  #seenMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#seenMs = clock.monotonicMs();
  }

  /** The share of calls that are admitted now, above 0, at most 1. */
  get share(): number {
    return this.#share;
  }

  /** Throws `overloaded`; else {@link leave} must follow. */
  enter(): void {
    if (this.#timer === undefined) this.#rest();
    this.#credit += this.#share;
    if (this.#credit < 1 && this.#running >= FEW_CALLS) {
      throw new PlatformError('overloaded', { message: 'the gateway has more calls than it can answer in time; send the request again', retryAfterS: 1 });
    }
    this.#credit = Math.max(0, Math.min(this.#credit - 1, 1));
    this.#running += 1;
    if (this.#timer === undefined) this.#sample();
  }

  leave(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#seenMs = this.#clock.monotonicMs();
  }

  /** Time in which nothing ran counts as samples without lateness. */
  #rest(): void {
    const now = this.#clock.monotonicMs();
    this.#share = Math.min(1, this.#share + Math.floor((now - this.#seenMs) / SAMPLE_MS) * RECOVERY);
    this.#seenMs = now;
  }

  #sample(): void {
    const dueMs = this.#clock.monotonicMs() + SAMPLE_MS;
    this.#timer = this.#clock.schedule(SAMPLE_MS, () => {
      const newest = this.#clock.monotonicMs() - dueMs;
      const lateMs = Math.min(newest, this.#lateMs);
      this.#lateMs = newest;
      if (lateMs > TARGET_LATE_MS) this.#share = Math.max(MIN_SHARE, this.#share * Math.max(0.5, TARGET_LATE_MS / lateMs));
      else this.#share = Math.min(1, this.#share + RECOVERY);
      this.#sample();
    });
  }
}
