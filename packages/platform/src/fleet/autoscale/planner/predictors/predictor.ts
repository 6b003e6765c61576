/** Guesses the next value of a series that is seen one by one, at even intervals. */
export interface Predictor {
  observe(value: number): void;
  /** 0 before anything was seen; never negative. */
  next(): number;
}
