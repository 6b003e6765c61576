import type { CostRates } from '../policy/cost-rates.ts';
import { LeastSquares } from './least-squares.ts';
import type { Lesson, Teach } from './lesson.ts';

/** Prompts whose first tokens came at one time, because one step computed the last of them together. */
interface Group {
  readonly atMs: number;
  readonly durationMs: number;
  readonly fromIdle: number;
  tokens: number;
  pairs: number;
}

export interface PrefillSample {
  readonly sentMs: number;
  readonly firstTokenMs: number;
  readonly uncachedTokens: number;
  readonly pairs: number;
}

export interface DecodeSample {
  /** Between two tokens. */
  readonly msPerToken: number;
  /** Of this, time that prompts were predicted to take meanwhile. */
  readonly prefillMsPerToken: number;
  /** Means over the life of the request. */
  readonly requests: number;
  readonly contextTokens: number;
}

/** The calibrated model of one endpoint: how long it takes to compute prompts and to step, from realised first tokens and ends. */
export class EndpointRates {
  readonly #prefill: LeastSquares;
  readonly #step: LeastSquares;
  readonly #teach: Teach | undefined;
  #group: Group | undefined;
  #rates: CostRates;

  constructor(guess: CostRates, teach?: Teach) {
    this.#teach = teach;
    this.#prefill = new LeastSquares([guess.firstTokenMs, guess.prefillMsPerToken, guess.prefillMsPerPair]);
    this.#step = new LeastSquares([guess.stepMs, guess.stepMsPerRequest, guess.stepMsPerContextToken, guess.prefillHoldsUp]);
    this.#rates = guess;
  }

  get rates(): CostRates {
    return this.#rates;
  }

  get samples(): number {
    return this.#prefill.samples + this.#step.samples;
  }

  /** A prompt is computed from when it was sent, or from when the one before it had its first token. */
  prefilled(sample: PrefillSample): void {
    const group = this.#group;
    if (group !== undefined && sample.firstTokenMs < group.atMs) return;
    if (group !== undefined && sample.firstTokenMs === group.atMs) {
      group.tokens += sample.uncachedTokens;
      group.pairs += sample.pairs;
      return;
    }
    if (group !== undefined) {
      this.#learn({ kind: 'prefill', features: [group.fromIdle, group.tokens, group.pairs], value: group.durationMs });
    }
    const busySinceMs = group?.atMs ?? Number.NEGATIVE_INFINITY;
    const fromIdle = sample.sentMs >= busySinceMs;
    const durationMs = sample.firstTokenMs - Math.max(sample.sentMs, busySinceMs);
    this.#group = { atMs: sample.firstTokenMs, durationMs, fromIdle: fromIdle ? 1 : 0, tokens: sample.uncachedTokens, pairs: sample.pairs };
  }

  decoded(sample: DecodeSample): void {
    this.#learn({ kind: 'step', features: [sample.requests, sample.contextTokens, sample.prefillMsPerToken], value: sample.msPerToken });
  }

  /** Takes in what another router has learned of this endpoint. */
  taught({ kind, features, value }: Lesson): void {
    if (kind === 'prefill') this.#prefill.learn(features, value);
    else this.#step.learn([1, ...features], value);
    this.#renew();
  }

  #learn(lesson: Lesson): void {
    this.taught(lesson);
    this.#teach?.(lesson);
  }

  #renew(): void {
    this.#rates = Object.freeze({
      firstTokenMs: this.#prefill.at(0),
      prefillMsPerToken: this.#prefill.at(1),
      prefillMsPerPair: this.#prefill.at(2),
      stepMs: this.#step.at(0),
      stepMsPerRequest: this.#step.at(1),
      stepMsPerContextToken: this.#step.at(2),
      prefillHoldsUp: Math.min(1, this.#step.at(3)),
    });
  }
}
