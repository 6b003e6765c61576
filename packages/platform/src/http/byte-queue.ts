/** Takes bytes as they come; the fast way out of a {@link ByteQueue}. */
export interface ByteSink {
  /** Returns false when it wants no more until {@link ByteQueue.resume} is called. */
  write(chunk: Buffer): boolean;
  end(): void;
  fail(error: unknown): void;
}

export interface ByteQueueOptions {
  /** Called when more than this many bytes wait. */
  readonly highWaterBytes?: number;
  readonly onPause?: () => void;
  readonly onResume?: () => void;
  /** Called when the reader stops before the end. */
  readonly onCancel?: () => void;
}

/**
 * Bytes from one producer to one reader, with backpressure. The reader either iterates, or attaches a sink and is then
 * called directly, without a promise per chunk.
 */
export class ByteQueue implements AsyncIterable<Buffer> {
  readonly #options: ByteQueueOptions;
  readonly #highWater: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #paused = false;
  #ended = false;
  #error: { readonly cause: unknown } | undefined;
  #sink: ByteSink | undefined;
  #sinkFull = false;
  #wake: (() => void) | undefined;
  #done = false;

  constructor(options: ByteQueueOptions = {}) {
    this.#options = options;
    this.#highWater = options.highWaterBytes ?? 256 * 1024;
  }

  /** Producer: one more chunk; returns false when the reader is behind. */
  push(chunk: Buffer): boolean {
    if (this.#done || this.#ended || this.#error !== undefined) return false;
    if (this.#sink !== undefined && !this.#sinkFull) {
      if (this.#sink.write(chunk)) return true;
      this.#sinkFull = true;
      this.#pause();
      return false;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > this.#highWater) this.#pause();
    this.#wakeReader();
    return !this.#paused;
  }

  /** Producer: complete. */
  end(): void {
    if (this.#done || this.#error !== undefined) return;
    this.#ended = true;
    this.#finishSink();
    this.#wakeReader();
  }

  /** Producer: broken; what waits is still read first. */
  fail(cause: unknown): void {
    if (this.#done || this.#ended || this.#error !== undefined) return;
    this.#error = { cause };
    this.#finishSink();
    this.#wakeReader();
  }

  /** Reader: takes everything from now on by direct calls. */
  attach(sink: ByteSink): void {
    this.#sink = sink;
    this.resume();
  }

  /** Reader: the sink has room again. */
  resume(): void {
    this.#sinkFull = false;
    while (this.#sink !== undefined && !this.#sinkFull) {
      const chunk = this.#take();
      if (chunk === undefined) break;
      if (!this.#sink.write(chunk)) this.#sinkFull = true;
    }
    if (this.#sinkFull) return;
    this.#unpause();
    this.#finishSink();
  }

  /** Reader: wants nothing more. */
  cancel(): void {
    if (this.#done) return;
    const running = !this.#ended && this.#error === undefined;
    this.#done = true;
    this.#chunks = [];
    this.#bytes = 0;
    this.#sink = undefined;
    if (running) this.#options.onCancel?.();
    this.#wakeReader();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#take();
        if (chunk !== undefined) {
          if (this.#bytes <= this.#highWater / 2) this.#unpause();
          yield chunk;
        } else if (this.#error !== undefined) throw this.#error.cause;
        else if (this.#ended || this.#done) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.cancel();
    }
  }

  #take(): Buffer | undefined {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) this.#bytes -= chunk.length;
    return chunk;
  }

  #finishSink(): void {
    const sink = this.#sink;
    if (sink === undefined || this.#chunks.length > 0 || this.#sinkFull) return;
    if (this.#error !== undefined) {
      this.#done = true;
      this.#sink = undefined;
      sink.fail(this.#error.cause);
    } else if (this.#ended) {
      this.#done = true;
      this.#sink = undefined;
      sink.end();
    }
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#options.onPause?.();
  }

  #unpause(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#options.onResume?.();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
