import { costOf, type FairSource } from './fair-source.ts';
import type { Waiter } from './waiter.ts';

interface Flow {
  readonly key: string;
  readonly source: FairSource;
  /** Tokens that it may send before its turn is over. */
  deficit: number;
}

export interface RoundRobinOptions {
  /** Tokens that each flow may send per round. */
  readonly quantumTokens: number;
  readonly flowOf: (waiter: Waiter) => string;
  /** A new flow. */
  readonly open: () => FairSource;
}

/**
 * Deficit round robin: flows take turns, each may send `quantumTokens` more per turn, and what it can not use it keeps while it has
 * something to send. Flows that always wait get equal shares of tokens, up to one quantum and one request.
 */
export class DeficitRoundRobin implements FairSource {
  readonly #options: RoundRobinOptions;
  readonly #flows = new Map<string, Flow>();
  /** Flows in the order of their turns; the first one has it. */
  #ring: Flow[] = [];
  #size = 0;

  constructor(options: RoundRobinOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /** Flows that wait. */
  get flows(): number {
    return this.#flows.size;
  }

  add(waiter: Waiter): void {
    const key = this.#options.flowOf(waiter);
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      flow = { key, source: this.#options.open(), deficit: this.#ring.length === 0 ? this.#options.quantumTokens : 0 };
      this.#flows.set(key, flow);
      this.#ring.push(flow);
    }
    flow.source.add(waiter);
    this.#size += 1;
  }

  head(): Waiter | undefined {
    for (let passed = 0; ; passed += 1) {
      const flow = this.#ring[0];
      const next = flow?.source.head();
      if (flow === undefined || next === undefined) return undefined;
      if (flow.deficit >= costOf(next)) return next;
      // After a round without anybody who may send, as many rounds pass at once as the nearest one needs.
      if (passed > 0 && passed % this.#ring.length === 0) this.#passRounds();
      this.#turn();
    }
  }

  remove(waiter: Waiter, served: boolean): boolean {
    const flow = this.#flows.get(this.#options.flowOf(waiter));
    if (flow === undefined || !flow.source.remove(waiter, served)) return false;
    this.#size -= 1;
    if (served) flow.deficit -= costOf(waiter);
    if (flow.source.size === 0) this.#close(flow);
    return true;
  }

  /** Of the flow with the most requests, the latest flow of several. */
  newest(): Waiter | undefined {
    let longest: Flow | undefined;
    for (const flow of this.#flows.values()) if (longest === undefined || flow.source.size >= longest.source.size) longest = flow;
    return longest?.source.newest();
  }

  /** Requests of one flow that wait. */
  sizeOf(key: string): number {
    return this.#flows.get(key)?.source.size ?? 0;
  }

  tokensBefore(waiter: Waiter): number {
    return this.#flows.get(this.#options.flowOf(waiter))?.source.tokensBefore(waiter) ?? 0;
  }

  /** The turn goes on to the next flow. */
  #turn(): void {
    const flow = this.#ring.shift();
    if (flow !== undefined) this.#ring.push(flow);
    const next = this.#ring[0];
    if (next !== undefined) next.deficit += this.#options.quantumTokens;
  }

  #passRounds(): void {
    const { quantumTokens } = this.#options;
    let rounds = Number.POSITIVE_INFINITY;
    for (const { source, deficit } of this.#ring) {
      const next = source.head();
      if (next !== undefined) rounds = Math.min(rounds, Math.ceil((costOf(next) - deficit) / quantumTokens));
    }
    // The last of these rounds is walked, so that turns stay in order.
    if (Number.isFinite(rounds) && rounds > 1) for (const flow of this.#ring) flow.deficit += (rounds - 1) * quantumTokens;
  }

  #close(flow: Flow): void {
    this.#flows.delete(flow.key);
    const hadTurn = this.#ring[0] === flow;
    this.#ring = this.#ring.filter((each) => each !== flow);
    const next = this.#ring[0];
    if (hadTurn && next !== undefined) next.deficit += this.#options.quantumTokens;
  }
}
