/** Share of the last fifty requests or so that were lost, from which it counts as overload: one of them. */
const OVERLOADED = 0.02;
const SMOOTHING = 0.02;

/** Whether there is more load than can be kept within the SLO, by the requests that were lost lately. */
export class Overload {
  #lost = 0;

  get evident(): boolean {
    return this.#lost >= OVERLOADED;
  }

  /** A request was placed; `lost` where it misses its SLO whatever comes. */
  placed(lost: boolean): void {
    this.#lost += SMOOTHING * ((lost ? 1 : 0) - this.#lost);
  }
}
