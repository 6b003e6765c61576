import type { EndpointWork } from '../state/endpoint-work.ts';

/** What a router has in flight at one endpoint, as it tells others. */
export interface EndpointShare {
  readonly inFlight: number;
  readonly prefilling: number;
  readonly prefillTokens: number;
  /** Until what it has sent there is computed. */
  readonly queueMs: number;
  readonly contextTokens: number;
  readonly uncachedTokens: number;
  readonly prefillShare: number;
}

/** In this order on the wire. */
export const SHARE_FIELDS = ['inFlight', 'prefilling', 'prefillTokens', 'queueMs', 'contextTokens', 'uncachedTokens', 'prefillShare'] as const;

export const NOTHING_ELSEWHERE: EndpointShare = Object.freeze({
  inFlight: 0,
  prefilling: 0,
  prefillTokens: 0,
  queueMs: 0,
  contextTokens: 0,
  uncachedTokens: 0,
  prefillShare: 0,
});

export const shareOf = (work: EndpointWork, nowMs: number): EndpointShare => ({
  inFlight: work.inFlight,
  prefilling: work.pending.count,
  prefillTokens: work.pending.tokens(nowMs),
  queueMs: work.pending.waitMs(nowMs),
  contextTokens: work.contextTokens,
  uncachedTokens: work.uncachedTokens,
  prefillShare: work.prefillShare(nowMs),
});

type Shares = ReadonlyMap<string, EndpointShare>;

/** What all other routers have in flight, per endpoint. The newest word of each counts as a whole, so that nothing adds up by mistake. */
export class Elsewhere {
  readonly #perRouter = new Map<string, Shares>();
  #sums: Shares = new Map();

  of(endpoint: string): EndpointShare {
    return this.#sums.get(endpoint) ?? NOTHING_ELSEWHERE;
  }

  set(router: string, shares: Shares): void {
    this.#perRouter.set(router, shares);
    this.#add();
  }

  forget(router: string): void {
    if (this.#perRouter.delete(router)) this.#add();
  }

  #add(): void {
    const sums = new Map<string, EndpointShare>();
    for (const shares of this.#perRouter.values())
      for (const [endpoint, share] of shares) {
        const before = sums.get(endpoint);
        sums.set(endpoint, before === undefined ? share : plus(before, share));
      }
    this.#sums = sums;
  }
}

const plus = (left: EndpointShare, right: EndpointShare): EndpointShare => ({
  inFlight: left.inFlight + right.inFlight,
  prefilling: left.prefilling + right.prefilling,
  prefillTokens: left.prefillTokens + right.prefillTokens,
  queueMs: left.queueMs + right.queueMs,
  contextTokens: left.contextTokens + right.contextTokens,
  uncachedTokens: left.uncachedTokens + right.uncachedTokens,
  prefillShare: left.prefillShare + right.prefillShare,
});
