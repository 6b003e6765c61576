import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import type { Usage } from '@maru/api/records';
import type { ByteSink } from '#http';
import { answerHeaders } from './answer-headers.ts';
import type { AnswerReader, StreamStretch } from './answer-reader.ts';
import type { AttemptResult } from './call.ts';
import { type Flow, pumpBody } from './pump-body.ts';
import { type RelayOptions, warningHeader } from './relay-options.ts';

/** Events without any visible token that are held back before the answer is given to the client all the same. */
const MAX_HELD_BYTES = 256 * 1024;
/** Of an answer that is kept for its trace. */
const MAX_KEPT_BYTES = 1024 * 1024;

/**
 * Passes a stream on to the client. Until the first visible token nothing is sent, so that another engine can take over; after it a break
 * is reported as such. `[DONE]` is held back until the charge is written.
 */
export function relayStream(options: RelayOptions, reader: AnswerReader): Promise<AttemptResult> {
  return new Promise((resolve) => {
    new StreamRelay(options, reader, resolve).run();
  });
}

class StreamRelay implements ByteSink {
  readonly #options: RelayOptions;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #reader: AnswerReader;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #ttftMs: number | undefined;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #flow: Flow | undefined;
  closed = false;

  constructor(options: RelayOptions, reader: AnswerReader, resolve: (result: AttemptResult) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reader = reader;
  }

  run(): void {
    const { time, reply } = this.#options;
    // A client that does not read must not keep an aborted engine's error waiting behind its backlog.
    time.onAbort((reason) => this.fail(reason));
    this.#flow = pumpBody(reply.body, this);
  }

  write(chunk: Buffer): boolean {
    if (this.closed) return true;
    this.#options.time.touch();
    try {
      return this.#pass(chunk);
    } catch (error) {
      this.#options.time.abort(toPlatformError(error));
      this.fail(error);
      return true;
    }
  }

  end(): void {
    if (this.closed) return;
    const stretch = this.#reader.end();
    if (stretch !== undefined) this.#take(stretch);
    if (!this.closed)
      this.fail(new PlatformError('upstream_cut', { message: `${this.#options.attempt.engine.endpoint} ended its stream before its answer was complete` }));
  }

  fail(thrown: unknown): void {
    if (this.closed) return;
    this.closed = true;
    const error = isPlatformError(thrown) ? thrown : toPlatformError(thrown, 'upstream_cut');
    const failure = { attempt: this.#options.attempt, error };
    if (this.#ttftMs === undefined) this.#resolve({ kind: 'failed', failure, retryable: error.code !== 'cancelled' });
    else this.#resolve({ kind: 'broken', failure, ...this.#meter(false), ttftMs: this.#ttftMs });
  }

  #pass(chunk: Buffer): boolean {
    const stretch = this.#reader.push(chunk);
    return stretch === undefined || this.#take(stretch);
  }

  #take(stretch: StreamStretch): boolean {
    this.#keep(stretch.bytes);
    let room = true;
    if (this.#ttftMs !== undefined) room = stretch.bytes.length === 0 || this.#options.call.sink.write(stretch.bytes);
    else {
      this.#hold(stretch.bytes);
      if ((stretch.visible && stretch.bytes.length > 0) || stretch.done || this.#heldBytes > MAX_HELD_BYTES) room = this.#start();
    }
    if (stretch.error !== undefined) {
      this.#options.time.abort(stretch.error);
      this.fail(stretch.error);
    } else if (stretch.done) this.#complete();
    else if (!room) this.#options.call.sink.onDrain(() => this.#resume());
    return room;
  }

  #keep(bytes: Buffer): void {
    if (!this.#options.call.keepsContent || this.#keptBytes > MAX_KEPT_BYTES) return;
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #start(): boolean {
    const { call, attempt, elapsedMs } = this.#options;
    this.#ttftMs = elapsedMs();
    this.#options.time.shown();
    const headers = answerHeaders(call, attempt, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    call.sink.start(200, Object.assign(headers, warningHeader(this.#options.warnings)));
    const held = this.#held.length === 1 && this.#held[0] !== undefined ? this.#held[0] : Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    return held.length === 0 || call.sink.write(held);
  }

  #complete(): void {
    this.closed = true;
    const { sink } = this.#options.call;
    const last = this.#reader.tail;
    this.#keep(last);
    this.#resolve({ kind: 'answered', ...this.#meter(true), ttftMs: this.#ttftMs, last, finish: () => sink.end(last) });
  }

  /** What an answer that broke off has reported may be from its beginning: then what passed through is counted. */
  #meter(complete: boolean): { usage: Usage; estimated: boolean; content: Buffer | undefined } {
    const content = this.#options.call.keepsContent ? Buffer.concat(this.#kept, this.#keptBytes) : undefined;
    const usage = this.#reader.reported();
    const passed = complete || usage === undefined ? 0 : this.#reader.estimatedTokens - usage.reasoningTokens;
    if (usage !== undefined && usage.outputTokens >= passed) return { usage, estimated: false, content };
    if (usage !== undefined) return { usage: { ...usage, outputTokens: passed }, estimated: true, content };
    const { promptTokens } = this.#options.call.request;
    return {
      usage: { inputTokens: promptTokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: this.#reader.estimatedTokens, reasoningTokens: 0 },
      estimated: true,
      content,
    };
  }

  #resume(): void {
    this.#options.time.touch();
    this.#flow?.resume();
  }
}
