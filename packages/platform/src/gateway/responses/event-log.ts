import { PlatformError } from '@maru/api/errors';
import type { Clock, Timer } from '#time';
import type { ResponseEvent } from './response-store.ts';

type Json = Readonly<Record<string, unknown>>;

/** Events are written together that come within so many milliseconds. */
const TOGETHER_MS = 25;
/** More than so many wait for the database before the engine waits too. */
const MAX_WAITING = 256;

export interface EventLogOptions {
  readonly clock: Clock;
  /** Number of the first event. */
  readonly first: number;
  /** Returns false when the response is no longer being made. */
  readonly append: (events: readonly ResponseEvent[]) => Promise<boolean>;
}

/** Writes the stream of one response to the database, in order and numbered without a gap. Must be closed. */
export class EventLog {
  readonly #options: EventLogOptions;
  #next: number;
  #waiting: ResponseEvent[] = [];
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: { readonly cause: unknown } | undefined;

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#next = options.first;
  }

  /** Takes an event; waits where the database is behind. Throws what a write before it threw, and `cancelled` when the response is no longer being made. */
  async add(event: Json): Promise<void> {
    this.#check();
    this.#waiting.push({ ...event, sequence_number: this.#next });
    this.#next += 1;
    this.#timer ??= this.#options.clock.schedule(TOGETHER_MS, () => void this.#write());
    if (this.#waiting.length > MAX_WAITING) await this.#write();
    this.#check();
  }

  /** Writes what is left. Throws like {@link add}. */
  async close(): Promise<void> {
    await this.#write();
    this.#check();
  }

  #write(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => {
      const events = this.#waiting;
      if (events.length === 0 || this.#failure !== undefined) return;
      this.#waiting = [];
      try {
        if (!(await this.#options.append(events))) throw new PlatformError('cancelled', { message: 'the response was cancelled' });
      } catch (cause) {
        this.#failure = { cause };
      }
    });
    return this.#writing;
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }
}
