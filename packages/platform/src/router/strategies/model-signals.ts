import type { BackendSignals } from '../choose-model/backend-signals.ts';
import type { BackendStats } from './backend-stats.ts';

/** What the caller knows of a model beside the router. */
export interface ModelFacts {
  /** Names of its endpoints. */
  readonly endpoints: readonly string[];
  readonly contextWindow?: number | undefined;
  /** Expected cost of the request that is decided. */
  readonly costNanoUsd?: (() => number | undefined) | undefined;
}

interface Known {
  readonly stats: BackendStats;
  /** Share of these endpoints that do not rest. */
  readonly healthyOf: (endpoints: readonly string[], nowMs: number) => number;
  readonly nowMs: number;
}

/** What is known of a model at the time of a decision; each part is looked up when it is asked for, since most decisions ask for none. */
export class ModelSignals implements BackendSignals {
  readonly #model: string;
  readonly #facts: ModelFacts;
  readonly #known: Known;

  constructor(model: string, facts: ModelFacts, known: Known) {
    this.#model = model;
    this.#facts = facts;
    this.#known = known;
  }

  get inFlight(): number {
    return this.#use().inFlight;
  }

  get firstTokenMs(): number | undefined {
    return this.#use().firstTokenMs;
  }

  get answerMs(): number | undefined {
    return this.#use().answerMs;
  }

  get usedRequests(): number {
    return this.#use().usedRequests;
  }

  get usedTokens(): number {
    return this.#use().usedTokens;
  }

  get healthy(): number {
    return this.#known.healthyOf(this.#facts.endpoints, this.#known.nowMs);
  }

  get contextWindow(): number | undefined {
    return this.#facts.contextWindow;
  }

  costNanoUsd(): number | undefined {
    return this.#facts.costNanoUsd?.();
  }

  spentNanoUsd(perMs: number): number {
    return this.#known.stats.spentNanoUsd(this.#model, perMs, this.#known.nowMs);
  }

  #use(): ReturnType<BackendStats['of']> {
    return this.#known.stats.of(this.#model, this.#known.nowMs);
  }
}
