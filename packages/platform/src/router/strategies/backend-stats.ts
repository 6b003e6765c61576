import { SlidingSum } from '../health/sliding-sum.ts';
import { addSample, type PeakEwma } from './peak-ewma.ts';

const MINUTE_MS = 60_000;
const MAX_BACKENDS = 4096;
/** A failure counts as an answer that took at least this long: a backend that fails quickly must not look quick. */
const FAILURE_MS = 1000;

/** What the router knows of a model behind its routes. */
interface BackendUse {
  readonly inFlight: number;
  /** Peak EWMAs, in milliseconds: of the first tokens of streams, and of answers that came as a whole. */
  readonly firstTokenMs: number | undefined;
  readonly answerMs: number | undefined;
  /** Of the last minute. */
  readonly usedRequests: number;
  readonly usedTokens: number;
}

export interface BackendStats {
  of(model: string, nowMs: number): BackendUse;
  /** A request goes there; its tokens are estimated. */
  begin(model: string, tokens: number, nowMs: number): void;
  /** It has ended; `tokens` corrects the estimate. */
  end(model: string, outcome: BackendOutcome, nowMs: number): void;
  /** Money spent there in the last stretch of time; counted from the first time that it is asked for. */
  spentNanoUsd(model: string, perMs: number, nowMs: number): number;
}

interface BackendOutcome {
  readonly outcome: 'ok' | 'error' | 'cancelled';
  readonly ttftMs: number | undefined;
  /** From the call to the end. */
  readonly durationMs: number | undefined;
  /** Tokens beyond the estimate; below 0 when there were fewer. */
  readonly moreTokens: number;
  readonly costNanoUsd: number | undefined;
}

interface Entry {
  inFlight: number;
  firstToken: PeakEwma | undefined;
  answer: PeakEwma | undefined;
  readonly requests: SlidingSum;
  readonly tokens: SlidingSum;
  readonly spend: Map<number, SlidingSum>;
}

/** In memory and of this process; bounded. */
export function createBackendStats(): BackendStats {
  const entries = new Map<string, Entry>();
  const entryOf = (model: string): Entry => {
    const known = entries.get(model);
    if (known !== undefined) return known;
    const entry: Entry = {
      inFlight: 0,
      firstToken: undefined,
      answer: undefined,
      requests: new SlidingSum(MINUTE_MS),
      tokens: new SlidingSum(MINUTE_MS),
      spend: new Map(),
    };
    entries.set(model, entry);
    if (entries.size > MAX_BACKENDS) entries.delete(entries.keys().next().value ?? '');
    return entry;
  };
  return {
    of: (model, nowMs) => {
      const { inFlight, firstToken, answer, requests, tokens } = entryOf(model);
      return {
        inFlight,
        firstTokenMs: firstToken?.valueMs,
        answerMs: answer?.valueMs,
        usedRequests: requests.total(nowMs),
        usedTokens: Math.max(0, tokens.total(nowMs)),
      };
    },
    begin: (model, tokens, nowMs) => {
      const entry = entryOf(model);
      entry.inFlight += 1;
      entry.requests.add(1, nowMs);
      entry.tokens.add(tokens, nowMs);
    },
    end: (model, { outcome, ttftMs, durationMs, moreTokens, costNanoUsd }, nowMs) => {
      const entry = entryOf(model);
      entry.inFlight = Math.max(0, entry.inFlight - 1);
      entry.tokens.add(moreTokens, nowMs);
      if (outcome === 'error') {
        entry.firstToken = failed(entry.firstToken, nowMs);
        entry.answer = failed(entry.answer, nowMs);
      } else if (ttftMs !== undefined) entry.firstToken = addSample(entry.firstToken, ttftMs, nowMs);
      else if (outcome === 'ok' && durationMs !== undefined) entry.answer = addSample(entry.answer, durationMs, nowMs);
      if (costNanoUsd !== undefined) for (const spend of entry.spend.values()) spend.add(costNanoUsd, nowMs);
    },
    spentNanoUsd: (model, perMs, nowMs) => {
      const { spend } = entryOf(model);
      const sum = spend.get(perMs) ?? new SlidingSum(perMs);
      spend.set(perMs, sum);
      return sum.total(nowMs);
    },
  };
}

const failed = (mean: PeakEwma | undefined, nowMs: number): PeakEwma => addSample(mean, Math.max(FAILURE_MS, mean?.valueMs ?? 0), nowMs);
