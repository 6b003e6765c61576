import { DeficitRoundRobin } from './deficit-round-robin.ts';
import { costOf, Fifo } from './fair-source.ts';
import type { Waiter } from './waiter.ts';

/** How much may wait for one model. */
export interface QueueLimits {
  readonly maxRequests: number;
  readonly maxBytes: number;
  /** Of one tenant in one band of priority. */
  readonly maxRequestsPerTenant: number;
}

/** Who has to go so that a request can wait, and why. */
export type Overflow =
  | { readonly reason: 'tenant-full' | 'over-share' | 'queue-full'; readonly out: 'newcomer' }
  | { readonly reason: 'over-share' | 'displaced'; readonly out: Waiter };

interface Band {
  readonly priority: number;
  readonly tenants: DeficitRoundRobin;
  tokens: number;
}

/** About the usual prompt: small enough that short requests do not wait for long ones of others, large enough that a turn serves somebody. */
const QUANTUM_TOKENS = 2048;

/** Requests that wait for one model: strict bands of priority, in each the tenants in turn, of each its programs in turn. Bounded. */
export class BandQueue {
  readonly #limits: QueueLimits;
  /** Highest first. */
  #bands: Band[] = [];
  #size = 0;
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Requests per priority, highest first. */
  sizes(): readonly { readonly priority: number; readonly size: number }[] {
    return this.#bands.map(({ priority, tenants }) => ({ priority, size: tenants.size }));
  }

  /** The one that goes next. */
  head(): Waiter | undefined {
    return this.#bands[0]?.tenants.head();
  }

  /** Undefined while there is room for it. Ask again after that one has gone: one may not be enough. */
  overflow(waiter: Waiter): Overflow | undefined {
    const { maxRequests, maxBytes, maxRequestsPerTenant } = this.#limits;
    if ((this.#find(waiter.priority)?.tenants.sizeOf(waiter.tenant) ?? 0) >= maxRequestsPerTenant) return { reason: 'tenant-full', out: 'newcomer' };
    if (this.#size < maxRequests && this.#bytes + waiter.bytes <= maxBytes) return undefined;
    const lowest = this.#bands.at(-1);
    const newest = lowest?.tenants.newest();
    if (lowest === undefined || newest === undefined || waiter.bytes > maxBytes || lowest.priority > waiter.priority)
      return { reason: 'queue-full', out: 'newcomer' };
    if (lowest.priority < waiter.priority) return { reason: 'displaced', out: newest };
    // Whoever has the most waiting gives way, and nobody for an equal.
    const { tenants } = lowest;
    const own = tenants.sizeOf(waiter.tenant);
    if (tenants.sizeOf(newest.tenant) > own + 1) return { reason: 'over-share', out: newest };
    return { reason: own > 0 && tenants.flows > 1 ? 'over-share' : 'queue-full', out: 'newcomer' };
  }

  add(waiter: Waiter): void {
    const band = this.#bandOf(waiter.priority);
    band.tenants.add(waiter);
    band.tokens += costOf(waiter);
    this.#size += 1;
    this.#bytes += waiter.bytes;
  }

  /** Takes one out; `served` where it goes to its model. False where it does not wait here. */
  remove(waiter: Waiter, served: boolean): boolean {
    const band = this.#find(waiter.priority);
    if (band?.tenants.remove(waiter, served) !== true) return false;
    band.tokens -= costOf(waiter);
    if (band.tenants.size === 0) this.#bands = this.#bands.filter((each) => each !== band);
    this.#size -= 1;
    this.#bytes -= waiter.bytes;
    return true;
  }

  /** Tokens that go before this one whatever else comes: all of higher bands, and what its own program has sent before. */
  tokensBefore(waiter: Waiter): number {
    let tokens = 0;
    for (const band of this.#bands) {
      if (band.priority > waiter.priority) tokens += band.tokens;
      else if (band.priority === waiter.priority) tokens += band.tenants.tokensBefore(waiter);
    }
    return tokens;
  }

  #find(priority: number): Band | undefined {
    return this.#bands.find((band) => band.priority === priority);
  }

  #bandOf(priority: number): Band {
    const known = this.#find(priority);
    if (known !== undefined) return known;
    const programs = (): DeficitRoundRobin =>
      new DeficitRoundRobin({ quantumTokens: QUANTUM_TOKENS, flowOf: ({ program }) => program, open: () => new Fifo() });
    const tenants = new DeficitRoundRobin({ quantumTokens: QUANTUM_TOKENS, flowOf: ({ tenant }) => tenant, open: programs });
    const band: Band = { priority, tenants, tokens: 0 };
    this.#bands = [...this.#bands, band].sort((left, right) => right.priority - left.priority);
    return band;
  }
}
