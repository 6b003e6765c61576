import type { Log } from '#telemetry';
import { CheckpointThread, type LogState, type PassFailure } from './checkpoint-thread.ts';

/** Sizes of the write-ahead log, in pages of 4 KB. */
export interface CheckpointLimits {
  /** From here on it is copied into the database file. */
  readonly copyFrom: number;
  /** The same before there is a thread that copies: it takes memory, and of several processes the one that has it does the work of all. */
  readonly startFrom: number;
  /** A longer log is copied while nothing is written: it can begin anew only when all of it is in the database file. */
  readonly holdFrom: number;
}

export interface CheckpointsOptions {
  /** The database file. */
  readonly path: string;
  /** Pages in its log now. */
  readonly logPages: () => number;
  /** Runs work while nobody else uses the connection. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  /** Has the connection copy by itself again: there is no thread that does. */
  readonly takeBack: () => void;
  readonly log?: Log | undefined;
  readonly limits?: CheckpointLimits;
}

const LIMITS: CheckpointLimits = { copyFrom: 4000, startFrom: 6000, holdFrom: 16_000 };
/** Uses of the connection between two looks at the log. */
const LOOK_EVERY = 16;

/** Owns the thread that keeps the write-ahead log of a database short. The connection that answers requests never copies it, and never waits for the disk. */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #limits: CheckpointLimits;
  #thread: CheckpointThread | undefined;
  #uses = 0;
  #running: Promise<void> | undefined;
  #failing = false;
  #stopped = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#limits = options.limits ?? LIMITS;
  }

  /** Says that the connection was used; now and then this looks at the log. */
  used(): void {
    this.#uses += 1;
    if (this.#uses % LOOK_EVERY !== 0 || this.#stopped || this.#running !== undefined) return;
    const pages = this.#options.logPages();
    if (pages < (this.#thread === undefined ? this.#limits.startFrom : this.#limits.copyFrom)) return;
    this.#running = this.#copy(pages).finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing is copied. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#thread?.close();
    await this.#running;
  }

  async #copy(pages: number): Promise<void> {
    this.#thread ??= new CheckpointThread(this.#options.path);
    const thread = this.#thread;
    this.#learn(await thread.pass());
    if (pages < this.#limits.holdFrom || this.#stopped) return;
    // Most is copied by now: what is held up waits for the rest of it only.
    await this.#options.alone(async () => this.#learn(await thread.pass()));
  }

  #learn(result: LogState | PassFailure): void {
    if (this.#stopped) return;
    if (result === 'ended') {
      this.#stopped = true;
      this.#options.takeBack();
      this.#options.log?.warn({ path: this.#options.path }, 'the thread that copies the log of the database has ended: the main thread does it from now on');
      return;
    }
    const failed = 'sqlite' in result;
    // Tried again at the next look: once is enough to say so.
    if (failed && !this.#failing)
      this.#options.log?.warn({ sqlite: result.sqlite }, 'the log of the database could not be copied into it: it grows until it can be');
    this.#failing = failed;
  }
}
