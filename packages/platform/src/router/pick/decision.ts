import type { RouteDecision } from '@maru/api/records';
import { type Described, describeCandidates, MAX_DESCRIBED } from './describe-candidates.ts';

/** What is known of a decision when it is made. */
export interface DecisionHead {
  readonly id: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly atMs: number;
  readonly route: string;
  readonly model: string;
  readonly reason: string;
  readonly policy: string;
  readonly chosen: string;
  readonly promptTokens: number;
  readonly queuedMs: number | undefined;
  readonly expectedCachedTokens: number;
}

type Realised = Pick<RouteDecision, 'realisedCachedTokens' | 'realisedTtftMs' | 'realisedMs'> & { readonly outcome: NonNullable<RouteDecision['outcome']> };

/** A decision, and what came of it. The record for people is made when somebody looks: most decisions nobody ever looks at. */
export class Decision {
  readonly id: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly atMs: number;
  readonly route: string;
  readonly model: string;
  readonly policy: string;
  readonly chosen: string;
  readonly promptTokens: number;
  readonly queuedMs: number | undefined;
  readonly expectedCachedTokens: number;
  /** Endpoints that it was made among. */
  readonly candidateCount: number;
  #reason: string;
  #prefill: RouteDecision['prefill'];
  #realised: Realised | undefined;
  /** What the candidates are described by, until they are. */
  #described: Described | undefined;
  #candidates: RouteDecision['candidates'] | undefined;
  #record: RouteDecision | undefined;

  constructor(head: DecisionHead, described: Described) {
    this.id = head.id;
    this.requestId = head.requestId;
    this.traceId = head.traceId;
    this.atMs = head.atMs;
    this.route = head.route;
    this.model = head.model;
    this.policy = head.policy;
    this.chosen = head.chosen;
    this.promptTokens = head.promptTokens;
    this.queuedMs = head.queuedMs;
    this.expectedCachedTokens = head.expectedCachedTokens;
    this.candidateCount = described.endpoints.length;
    this.#reason = head.reason;
    this.#described = described;
    // Of very many the record is shorter than what it is made of, and the log keeps a thousand.
    if (this.candidateCount > MAX_DESCRIBED) this.#describe();
  }

  get reason(): string {
    return this.#reason;
  }

  get prefill(): RouteDecision['prefill'] {
    return this.#prefill;
  }

  get candidates(): RouteDecision['candidates'] {
    return this.#candidates ?? this.#describe();
  }

  /** Its prompt is computed by another endpoint, or why not. */
  prefills(prefill: NonNullable<RouteDecision['prefill']>): void {
    this.#prefill = prefill;
    this.#reason = `${this.#reason}; ${prefill.reason}`;
    this.#record = undefined;
  }

  /** It has ended. */
  realise(realised: Realised): void {
    this.#realised = realised;
    this.#record = undefined;
  }

  /** The same object until more is known of it. */
  record(): RouteDecision {
    this.#record ??= {
      id: this.id,
      requestId: this.requestId,
      traceId: this.traceId,
      atMs: this.atMs,
      route: this.route,
      model: this.model,
      reason: this.#reason,
      policy: this.policy,
      candidates: this.candidates,
      chosen: this.chosen,
      promptTokens: this.promptTokens,
      ...(this.queuedMs === undefined ? {} : { queuedMs: this.queuedMs }),
      expectedCachedTokens: this.expectedCachedTokens,
      ...(this.#prefill === undefined ? {} : { prefill: this.#prefill }),
      realisedCachedTokens: this.#realised?.realisedCachedTokens ?? null,
      realisedTtftMs: this.#realised?.realisedTtftMs ?? null,
      realisedMs: this.#realised?.realisedMs ?? null,
      outcome: this.#realised?.outcome ?? null,
    };
    return this.#record;
  }

  #describe(): RouteDecision['candidates'] {
    this.#candidates = this.#described === undefined ? [] : describeCandidates(this.#described);
    this.#described = undefined;
    return this.#candidates;
  }
}
