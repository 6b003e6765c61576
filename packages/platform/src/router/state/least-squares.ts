/**
 * Learns coefficients of a linear law, one sample after the other, from a guess that every sample corrects (recursive least
 * squares with forgetting). Coefficients never leave the range from a 30th to 30 times of their guess.
 */
export class LeastSquares {
  readonly #guess: readonly number[];
  readonly #coefficients: number[];
  #covariance: number[][];
  #samples = 0;

  constructor(guess: readonly number[]) {
    this.#guess = guess;
    this.#coefficients = [...guess];
    this.#covariance = uncertain(guess);
  }

  get samples(): number {
    return this.#samples;
  }

  /** Within its range, for use. */
  at(index: number): number {
    const guess = this.#guess[index] ?? 0;
    return Math.min(30 * guess, Math.max(guess / 30, this.#coefficients[index] ?? 0));
  }

  predict(features: readonly number[]): number {
    return features.reduce((sum, feature, index) => sum + feature * this.at(index), 0);
  }

  /** A sample far from the prediction counts as one at the edge of what is believed, so that a stray one does little. */
  learn(features: readonly number[], value: number): void {
    const expected = Math.max(1e-9, this.predict(features));
    const believed = Math.min(BELIEVED * expected, Math.max(expected / BELIEVED, value));
    const gain = this.#covariance.map((row) => dot(row, features));
    const spread = (NOISE * expected) ** 2 + dot(gain, features);
    if (!(spread > 0 && spread < Number.POSITIVE_INFINITY)) {
      this.#covariance = uncertain(this.#guess);
      return;
    }
    const error = believed - dot(this.#coefficients, features);
    this.#samples += 1;
    for (let row = 0; row < gain.length; row += 1) {
      this.#coefficients[row] = (this.#coefficients[row] ?? 0) + ((gain[row] ?? 0) * error) / spread;
      const line = this.#covariance[row];
      if (line === undefined) continue;
      for (let column = 0; column < gain.length; column += 1)
        line[column] = ((line[column] ?? 0) - ((gain[row] ?? 0) * (gain[column] ?? 0)) / spread) / FORGETTING;
    }
    this.#bound();
  }

  /**
   * What is forgotten makes uncertain, and of features that never change nothing is learned: without a bound the uncertainty grows until
   * it is no number. A row and its column shrink together, so that it stays a covariance.
   */
  #bound(): void {
    const shrink = this.#guess.map((guess, row) => {
      const grown = this.#covariance[row]?.[row] ?? 0;
      return grown > guess * guess ? Math.abs(guess) / Math.sqrt(grown) : 1;
    });
    for (const [row, line] of this.#covariance.entries())
      for (let column = 0; column < line.length; column += 1) line[column] = (line[column] ?? 0) * (shrink[row] ?? 1) * (shrink[column] ?? 1);
  }
}

/** Each coefficient may be off by as much as it is. */
const uncertain = (guess: readonly number[]): number[][] => guess.map((value, row) => guess.map((_, column) => (row === column ? value * value : 0)));

const BELIEVED = 4;
const NOISE = 0.3;
const FORGETTING = 0.998;

const dot = (left: readonly number[], right: readonly number[]): number => left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
