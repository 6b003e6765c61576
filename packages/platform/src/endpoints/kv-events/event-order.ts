import { isPlatformError } from '@maru/api/errors';
import { decodeBatch } from './decode-batch.ts';
import type { KvBatch } from './kv-event.ts';

const MAX_BUFFERED = 20_000;
/** Messages whose time is remembered, to tell a message that comes twice from one of a publisher that has started anew. */
const REMEMBERED = 1024;

/** What may be wrong with the messages of a publisher. */
type OrderProblem = 'kv-gap' | 'kv-gap-lost' | 'kv-late-join' | 'kv-duplicate' | 'kv-restart' | 'kv-unreadable' | 'kv-unknown-event' | 'kv-replay-failed';

export interface EventOrderOptions {
  /** In order, each once. */
  readonly apply: (batch: KvBatch) => void;
  /** The publisher has started anew: what was known of it is void. */
  readonly reset: () => void;
  /** Asks for all messages from this number on; undefined where the publisher can not replay. */
  readonly askReplay: ((from: number) => void) | undefined;
  readonly onProblem: (problem: OrderProblem, detail: string) => void;
}

/**
 * Brings the messages of one publisher into order: fills gaps by replay, drops what comes twice, and notices a publisher that has
 * started anew, also where its numbers have passed ours already. Pure: told what arrives, it says what to do.
 */
export class EventOrder {
  readonly #options: EventOrderOptions;
  readonly #times = new Float64Array(REMEMBERED).fill(-1);
  #last = -1;
  /** Messages that arrived while a replay is awaited. */
  #buffered: { readonly seq: number; readonly batch: KvBatch }[] = [];
  #replay: 'none' | 'first' | 'checked' | 'anew' = 'none';

  constructor(options: EventOrderOptions) {
    this.#options = options;
  }

  /** Number of the last message that was applied; -1 before the first. */
  get last(): number {
    return this.#last;
  }

  get awaitsReplay(): boolean {
    return this.#replay !== 'none';
  }

  /**
   * Asks for what the publisher still has, from the last message on: at the start to learn what was cached before, after a broken
   * connection to learn whether it is still the same publisher.
   */
  catchUp(): void {
    if (this.#replay === 'none') this.#ask();
  }

  /** A message of the publisher. */
  live(seq: number, payload: Uint8Array): void {
    const batch = this.#decode(seq, payload);
    if (this.#replay !== 'none') {
      this.#buffer(seq, batch);
      return;
    }
    this.#take(seq, batch);
  }

  /** A message that was asked for. */
  replayed(seq: number, payload: Uint8Array): void {
    if (this.#replay === 'none' || this.#replay === 'anew') return;
    const batch = this.#decode(seq, payload);
    if (this.#replay === 'first') {
      this.#replay = 'checked';
      if (this.#last >= 0 && seq === this.#last && batch.sentS !== this.#times[seq % REMEMBERED]) {
        this.#startAnew('its last message is another one than we had');
        if (seq > 0) {
          this.#replay = 'anew';
          return;
        }
      } else if (this.#last >= 0 && seq > this.#last + 1) {
        this.#options.onProblem('kv-gap-lost', `messages ${this.#last + 1} to ${seq - 1} are gone for good; what is known begins anew`);
        this.#forget();
      } else if (this.#last < 0 && seq > 0) {
        this.#options.onProblem('kv-late-join', `${seq} messages were sent before; blocks that were stored then are not known`);
      }
      if (this.#last < 0) this.#last = seq - 1;
    }
    if (seq === this.#last + 1) this.#apply(seq, batch);
  }

  /** Everything that was asked for has come, or nothing more will. */
  replayEnd(failure?: string): void {
    if (this.#replay === 'none') return;
    if (failure !== undefined) this.#options.onProblem('kv-replay-failed', failure);
    if (this.#replay === 'anew' && failure === undefined) {
      this.#ask();
      return;
    }
    // A publisher that has nothing of what it sent us has started anew.
    if (this.#replay === 'first' && failure === undefined && this.#last >= 0) {
      this.#startAnew('it has not its last message any more');
      this.#ask();
      return;
    }
    this.#replay = 'none';
    const buffered = this.#buffered;
    this.#buffered = [];
    for (const { seq, batch } of buffered) if (seq > this.#last || this.#isOther(seq, batch)) this.#take(seq, batch, false);
  }

  #take(seq: number, batch: KvBatch, mayAsk = true): void {
    if (seq === this.#last + 1) {
      this.#apply(seq, batch);
      return;
    }
    const ask = mayAsk && this.#options.askReplay !== undefined;
    if (seq <= this.#last) {
      if (!this.#isOther(seq, batch)) {
        this.#options.onProblem('kv-duplicate', `message ${seq} came again`);
        return;
      }
      this.#startAnew(`it sends message ${seq} after ${this.#last}`);
      if (seq === 0) {
        this.#apply(seq, batch);
        return;
      }
    } else if (this.#last >= 0 && mayAsk) {
      this.#options.onProblem('kv-gap', `${seq - this.#last - 1} messages before ${seq} are missing`);
    }
    if (ask) {
      this.#buffer(seq, batch);
      this.#ask();
      return;
    }
    if (this.#last < 0) this.#options.onProblem('kv-late-join', `${seq} messages were sent before; blocks that were stored then are not known`);
    else this.#options.onProblem('kv-gap-lost', `messages ${this.#last + 1} to ${seq - 1} are gone for good`);
    this.#apply(seq, batch);
  }

  #ask(): void {
    if (this.#options.askReplay === undefined) return;
    this.#replay = 'first';
    this.#options.askReplay(Math.max(0, this.#last));
  }

  #buffer(seq: number, batch: KvBatch): void {
    this.#buffered.push({ seq, batch });
    if (this.#buffered.length > MAX_BUFFERED) this.replayEnd(`${MAX_BUFFERED} messages arrived while a replay was awaited`);
  }

  #apply(seq: number, batch: KvBatch): void {
    this.#last = seq;
    this.#times[seq % REMEMBERED] = batch.sentS;
    if (batch.unknown.length > 0) this.#options.onProblem('kv-unknown-event', batch.unknown.join(', '));
    this.#options.apply(batch);
  }

  /** Whether a message of this number is not the one that was applied under it. */
  #isOther(seq: number, batch: KvBatch): boolean {
    return seq <= this.#last && (this.#last - seq >= REMEMBERED || this.#times[seq % REMEMBERED] !== batch.sentS);
  }

  #startAnew(why: string): void {
    this.#options.onProblem('kv-restart', `the publisher has started anew: ${why}`);
    this.#forget();
  }

  #forget(): void {
    this.#last = -1;
    this.#times.fill(-1);
    this.#options.reset();
  }

  /** What can not be read counts as a message without events, so that one bad message is no gap. */
  #decode(seq: number, payload: Uint8Array): KvBatch {
    try {
      return decodeBatch(payload);
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      this.#options.onProblem('kv-unreadable', `message ${seq}: ${error.message}`);
      return { sentS: -1, rank: undefined, events: [], unknown: [] };
    }
  }
}
