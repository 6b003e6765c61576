import type { RouterLoad } from '../ports.ts';

/** From when on an endpoint counts as full. */
export interface SaturationSettings {
  /** Requests that wait in its own queue. */
  readonly queueDepth: number;
  /** Share of its KV memory in use, from 0 to 1. */
  readonly kvUse: number;
  /** Requests at once; learned, where it is not given, from what it runs while others wait in it. */
  readonly concurrency?: number | undefined;
}

/** What the router knows of an endpoint without asking it. */
export interface OwnLoad {
  /** Decided here, and by other replicas of the router, and not ended. */
  readonly inFlight: number;
  /** Of these, those whose first token has not come. */
  readonly prefilling: number;
  /** Tokens of these that are not in its cache. */
  readonly uncachedTokens: number;
  /** Requests that it ran when others last waited in it; undefined before. */
  readonly batch: number | undefined;
}

interface SaturationContext {
  readonly settings: SaturationSettings;
  /** Tokens that its memory holds, where known. */
  readonly kvTokens: number | undefined;
}

/** The default of vLLM for requests in one batch; taken for an endpoint of which nothing better is known. */
const USUAL_BATCH = 256;

/**
 * How full an endpoint is: 1 and above when it should get nothing more. What it reports counts together with what was sent since. Where
 * its report is missing or stale, its own requests are counted against what it was seen to take: a scrape that fails never stops it.
 */
export function saturationOf(load: RouterLoad, own: OwnLoad, { settings, kvTokens }: SaturationContext): number {
  const { queueDepth, concurrency } = settings;
  const requests = Math.max(own.inFlight, load.running + load.waiting);
  // With nothing to do it is never full, whatever it says.
  if (requests === 0) return 0;
  if (load.reports === undefined) return concurrency === undefined ? 0 : requests / concurrency;
  if (load.reports === 'stale') return requests / (concurrency ?? (own.batch ?? USUAL_BATCH) + queueDepth);
  const sentUse = kvTokens === undefined || kvTokens <= 0 ? 0 : own.uncachedTokens / kvTokens;
  const byMemory = Math.max(load.kvUse ?? 0, sentUse) / settings.kvUse;
  return Math.max(waitingNow(load, own) / queueDepth, byMemory, concurrency === undefined ? 0 : requests / concurrency);
}

/** What waits there by its report, and of what was sent since as much as finds no place in its batch. */
function waitingNow({ running, waiting }: RouterLoad, { inFlight, prefilling }: OwnLoad): number {
  const unseen = Math.max(0, Math.min(prefilling - waiting, inFlight - running - waiting));
  return waiting > 0 ? waiting + unseen : Math.max(0, unseen - Math.max(0, USUAL_BATCH - running));
}
