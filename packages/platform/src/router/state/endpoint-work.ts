import { attentionPairs, type CostRates, decodeShare, PREFILL_WINDOW_MS, stepMs } from '../policy/cost-rates.ts';
import { ActiveBlocks } from './active-blocks.ts';
import { EndpointRates } from './endpoint-rates.ts';
import type { Lesson, Teach } from './lesson.ts';
import { type PendingPrefill, PendingPrefills } from './pending-prefills.ts';

/** Answers shorter than this say little about the time of a step. */
const MIN_ANSWER_TOKENS = 8;

/** What a decision adds to an endpoint. */
export interface Work {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly prefillMs: number;
  /** Whether somebody will tell of the first token. */
  readonly told: boolean;
  /** Other routers have prompts waiting there, so that its first token says little about how fast the endpoint is. */
  readonly amongOthers?: boolean | undefined;
  /** Blocks of the prompt, where a policy reads what is cached. */
  readonly hashes?: ArrayLike<number> | undefined;
  /** The same, where a policy reads what is active. */
  readonly blocks?: ArrayLike<number> | undefined;
}

/** What is known at the end of a request. */
export interface Answer {
  readonly outputTokens?: number | undefined;
  readonly ttftMs?: number | undefined;
}

/** A decision that has not ended, as its endpoint counts it. */
export class OpenWork {
  readonly work: Work;
  readonly sentMs: number;
  readonly pending: PendingPrefill;
  ended = false;
  /** Another endpoint computes the prompt. */
  elsewhere = false;
  firstTokenMs = -1;
  /** Sums at the first token, for means over the life of the answer. */
  requestMs = 0;
  contextMs = 0;
  prefillMsBefore = 0;
  stepsBefore = 0;

  constructor(work: Work, pending: PendingPrefill, sentMs: number) {
    this.work = work;
    this.pending = pending;
    this.sentMs = sentMs;
  }
}

/** What others have in flight at the endpoint. */
export interface OthersWork {
  readonly inFlight: number;
  readonly prefilling: number;
  readonly contextTokens: number;
  readonly prefillShare: number;
}

/** The decisions at one endpoint that have not ended: its load as the router knows it at once, and what it learns from their ends. */
export class EndpointWork {
  readonly #pending = new PendingPrefills();
  readonly #rates: EndpointRates;
  readonly #active = new ActiveBlocks();
  #inFlight = 0;
  #contextTokens = 0;
  #uncachedTokens = 0;
  #prefillLoadMs = 0;
  #prefillLoadAtMs = 0;
  #atMs = 0;
  #requestMs = 0;
  #contextMs = 0;
  #prefilledMs = 0;
  /** Steps that it has probably made. */
  #steps = 0;
  #decoding = 0;
  #firstTokenMsSum = 0;
  #stepsBeforeSum = 0;
  #others: OthersWork = NO_OTHERS;

  constructor(guess: CostRates, teach?: Teach) {
    this.#rates = new EndpointRates(guess, teach);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Prompt tokens of what is in flight. */
  get contextTokens(): number {
    return this.#contextTokens;
  }

  /** Of these, those that were not in the cache and take memory of their own. */
  get uncachedTokens(): number {
    return this.#uncachedTokens;
  }

  get pending(): PendingPrefills {
    return this.#pending;
  }

  get active(): ActiveBlocks {
    return this.#active;
  }

  get rates(): CostRates {
    return this.#rates.rates;
  }

  /** Share of the time for which prompts were sent lately; above 1 they come faster than they can be computed. */
  prefillShare(nowMs: number): number {
    return (this.#prefillLoadMs * Math.exp((this.#prefillLoadAtMs - nowMs) / PREFILL_WINDOW_MS)) / PREFILL_WINDOW_MS;
  }

  /** Means over the requests that decode: time that was spent on their tokens, and how many they probably have. */
  decoded(nowMs: number): { readonly ms: number; readonly tokens: number } {
    if (this.#decoding === 0) return NOTHING_DECODED;
    return {
      ms: Math.max(0, nowMs - this.#firstTokenMsSum / this.#decoding),
      tokens: this.#steps + this.#stepsIn(nowMs - this.#atMs) - this.#stepsBeforeSum / this.#decoding,
    };
  }

  /** What others have there from now on: answers are slower beside theirs, and that is not the fault of the endpoint. */
  beside(others: OthersWork, nowMs: number): void {
    this.#passTime(nowMs);
    this.#others = others;
  }

  /** Takes in what another router has learned of this endpoint. */
  taught(lesson: Lesson): void {
    this.#rates.taught(lesson);
  }

  /** Counts a decision, until its `end`. */
  begin(work: Work, nowMs: number): OpenWork {
    this.#passTime(nowMs);
    this.#inFlight += 1;
    this.#contextTokens += work.promptTokens;
    this.#uncachedTokens += work.promptTokens - work.cachedTokens;
    this.#prefillLoadMs = this.prefillShare(nowMs) * PREFILL_WINDOW_MS + work.prefillMs;
    this.#prefillLoadAtMs = nowMs;
    const prefill = { tokens: work.promptTokens - work.cachedTokens, ms: work.prefillMs, untold: !work.told, hashes: work.hashes };
    if (work.blocks !== undefined) this.#active.add(work.blocks);
    return new OpenWork(work, this.#pending.add(prefill, nowMs), nowMs);
  }

  /** The prompt is computed by another endpoint: it waits for nothing here, and when its answer begins says nothing of this one. */
  prefillsElsewhere(open: OpenWork, nowMs: number): void {
    if (open.ended) return;
    this.#passTime(nowMs);
    open.elsewhere = true;
    this.#prefillLoadMs = Math.max(0, this.#prefillLoadMs - open.work.prefillMs);
    this.#pending.done(open.pending, nowMs);
  }

  firstToken(open: OpenWork, nowMs: number): void {
    if (open.ended || open.firstTokenMs >= 0) return;
    this.#passTime(nowMs);
    this.#pending.done(open.pending, nowMs);
    if (!open.elsewhere) this.#prefilledMs += open.work.prefillMs;
    open.firstTokenMs = nowMs;
    open.requestMs = this.#requestMs;
    open.contextMs = this.#contextMs;
    open.prefillMsBefore = this.#prefilledMs;
    open.stepsBefore = this.#steps;
    this.#decoding += 1;
    this.#firstTokenMsSum += nowMs;
    this.#stepsBeforeSum += this.#steps;
    this.#learnPrefill(open, nowMs);
  }

  end(open: OpenWork, answer: Answer, nowMs: number): void {
    if (open.ended) return;
    const { work } = open;
    if (open.firstTokenMs < 0 && answer.ttftMs !== undefined) this.#learnPrefill(open, open.sentMs + answer.ttftMs);
    const { outputTokens } = answer;
    this.#passTime(nowMs);
    open.ended = true;
    this.#inFlight -= 1;
    this.#contextTokens -= work.promptTokens;
    this.#uncachedTokens -= work.promptTokens - work.cachedTokens;
    this.#pending.done(open.pending, nowMs);
    if (work.blocks !== undefined) this.#active.remove(work.blocks);
    if (open.firstTokenMs >= 0) {
      this.#decoding -= 1;
      this.#firstTokenMsSum -= open.firstTokenMs;
      this.#stepsBeforeSum -= open.stepsBefore;
    }
    const tookMs = nowMs - open.firstTokenMs;
    if (open.firstTokenMs < 0 || tookMs <= 0 || outputTokens === undefined || outputTokens < MIN_ANSWER_TOKENS) return;
    this.#rates.decoded({
      msPerToken: tookMs / (outputTokens - 1),
      prefillMsPerToken: (this.#prefilledMs - open.prefillMsBefore) / (outputTokens - 1),
      requests: (this.#requestMs - open.requestMs) / tookMs,
      contextTokens: (this.#contextMs - open.contextMs) / tookMs,
    });
  }

  #learnPrefill({ sentMs, elsewhere, work }: OpenWork, firstTokenMs: number): void {
    const { amongOthers, promptTokens, cachedTokens } = work;
    if (elsewhere || amongOthers === true) return;
    const pairs = attentionPairs(promptTokens, cachedTokens);
    this.#rates.prefilled({ sentMs, firstTokenMs, uncachedTokens: promptTokens - cachedTokens, pairs });
  }

  #passTime(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#steps += this.#stepsIn(passedMs);
    const others = this.#others;
    this.#requestMs += (this.#inFlight - this.#pending.count + others.inFlight - others.prefilling) * passedMs;
    this.#contextMs += (this.#contextTokens + others.contextTokens) * passedMs;
    this.#prefilledMs += Math.min(1, others.prefillShare) * passedMs;
    this.#atMs = Math.max(this.#atMs, nowMs);
  }

  #stepsIn(passedMs: number): number {
    const others = this.#others;
    const decodeMs = Math.max(0, passedMs) * decodeShare(this.rates, this.prefillShare(this.#atMs) + others.prefillShare);
    return decodeMs / stepMs(this.rates, this.#decoding + Math.max(0, others.inFlight - others.prefilling), this.#contextTokens + others.contextTokens);
  }
}

const NO_OTHERS: OthersWork = Object.freeze({ inFlight: 0, prefilling: 0, contextTokens: 0, prefillShare: 0 });
const NOTHING_DECODED = Object.freeze({ ms: 0, tokens: 0 });
