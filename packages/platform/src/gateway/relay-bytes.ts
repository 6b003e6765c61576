import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import type { ByteSink } from '#http';
import { answerHeaders } from './answer-headers.ts';
import type { AttemptResult } from './call.ts';
import { usageOfPass } from './pass-usage.ts';
import { type Flow, pumpBody } from './pump-body.ts';
import type { RelayOptions } from './relay-options.ts';

const EMPTY = Buffer.alloc(0);

/**
 * Passes an answer on that is not JSON: sound, pictures, subtitles, events. The last byte is held back until the charge is written, so
 * that an answer is never whole without one.
 */
export function relayBytes(options: RelayOptions): Promise<AttemptResult> {
  return new Promise((resolve) => {
    new BytesRelay(options, resolve).run();
  });
}

class BytesRelay implements ByteSink {
  readonly #options: RelayOptions;
  readonly #resolve: (result: AttemptResult) => void;
  #last: Buffer = EMPTY;
  #started = false;
  /** Of events; sound and pictures have no tokens. */
  #ttftMs: number | undefined;
  #flow: Flow | undefined;
  closed = false;

  constructor(options: RelayOptions, resolve: (result: AttemptResult) => void) {
    this.#options = options;
    this.#resolve = resolve;
  }

  run(): void {
    const { time, reply } = this.#options;
    time.onAbort((reason) => this.fail(reason));
    this.#flow = pumpBody(reply.body, this);
  }

  write(chunk: Buffer): boolean {
    if (this.closed || chunk.length === 0) return true;
    const { call, time } = this.#options;
    time.touch();
    if (!this.#started) this.#start();
    const given = this.#last.length === 0 ? chunk.subarray(0, -1) : Buffer.concat([this.#last, chunk.subarray(0, -1)]);
    this.#last = chunk.subarray(-1);
    const room = given.length === 0 || call.sink.write(given);
    if (!room)
      call.sink.onDrain(() => {
        time.touch();
        this.#flow?.resume();
      });
    return room;
  }

  end(): void {
    if (this.closed) return;
    if (!this.#started) this.#start();
    this.closed = true;
    const { sink } = this.#options.call;
    const last = this.#last;
    this.#resolve({ kind: 'answered', ...this.#meter(), ttftMs: this.#ttftMs, last, finish: () => sink.end(last) });
  }

  fail(thrown: unknown): void {
    if (this.closed) return;
    this.closed = true;
    const { attempt } = this.#options;
    const error = isPlatformError(thrown) ? thrown : toPlatformError(thrown, 'upstream_cut');
    const failure = { attempt, error };
    if (!this.#started) this.#resolve({ kind: 'failed', failure, retryable: error.code !== 'cancelled' });
    else this.#resolve({ kind: 'broken', failure, ...this.#meter(), ttftMs: this.#ttftMs });
  }

  #start(): void {
    const { call, attempt, reply, elapsedMs } = this.#options;
    this.#started = true;
    const { 'content-type': type = 'application/octet-stream', 'content-length': length } = reply.headers;
    if (type.startsWith('text/event-stream')) this.#ttftMs = elapsedMs();
    if (length !== undefined && !/^\d{1,15}$/.test(length)) {
      throw new PlatformError('upstream_garbage', { message: `${attempt.engine.endpoint} sent a content length that is not a number` });
    }
    call.sink.start(reply.status, { 'content-type': type, ...(length === undefined ? {} : { 'content-length': length }), ...answerHeaders(call, attempt) });
  }

  #meter(): Pick<Extract<AttemptResult, { kind: 'answered' }>, 'usage' | 'estimated' | 'content'> {
    const { operation, request } = this.#options.call;
    return { ...usageOfPass({ operation, request: request.value(), answer: undefined, promptTokens: request.promptTokens }), content: undefined };
  }
}
