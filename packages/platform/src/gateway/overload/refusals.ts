import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import { errorBodyOf } from '../client-errors.ts';
import type { ErrorShape } from '../door.ts';

export interface RefusalsOptions {
  readonly clock: Clock;
  /** Calls back after the sockets that are ready were read. */
  readonly nextTurn: (callback: () => void) => void;
  /** Takes the rest of a large body off the wire for a while. */
  readonly drain: (request: IncomingMessage) => void;
}

/** Time of each turn of the event loop in which refusals are written. */
const WRITE_MS = 3;
/** So many may wait for it. */
const MOST_WAITING = 4096;
/** Bodies up to here are on the wire already, and cheaper to read than a new connection. */
const SMALL_BODY_BYTES = 64 * 1024;
const RETRY_AFTER_S = 1;

interface Refusal {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly shape: ErrorShape;
}

interface Prepared {
  readonly head: readonly string[];
  readonly body: Buffer;
}

/**
 * Tells clients that there are too many calls, with prepared bytes. Answers take at most a few milliseconds of each turn, so that no
 * number of refusals keeps the calls that were admitted from the thread; a client that waits for its refusal sends nothing meanwhile.
 */
export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #prepared = new Map<ErrorShape, Prepared>();
  #waiting: Refusal[] = [];
  #isPlanned = false;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  add(refusal: Refusal): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#write(refusal);
      return;
    }
    this.#waiting.push(refusal);
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#options.nextTurn(this.#writeSome);
  }

  readonly #writeSome = (): void => {
    this.#isPlanned = false;
    const { clock } = this.#options;
    const untilMs = clock.monotonicMs() + WRITE_MS;
    let written = 0;
    for (const refusal of this.#waiting) {
      this.#write(refusal);
      written += 1;
      if (clock.monotonicMs() >= untilMs) break;
    }
    this.#waiting = this.#waiting.slice(written);
    if (this.#waiting.length > 0) this.#plan();
  };

  #write({ request, response, shape }: Refusal): void {
    if (response.destroyed) return;
    const { head, body } = this.#of(shape);
    const isLarge = !request.complete && !(Number(request.headers['content-length']) <= SMALL_BODY_BYTES);
    response.writeHead(503, isLarge ? [...head, 'connection', 'close'] : (head as string[]));
    response.end(body);
    if (isLarge) this.#options.drain(request);
  }

  #of(shape: ErrorShape): Prepared {
    const known = this.#prepared.get(shape);
    if (known !== undefined) return known;
    const error = new PlatformError('overloaded', { message: 'the gateway has more calls than it can answer in time; send the request again' });
    const body = Buffer.from(JSON.stringify(errorBodyOf(shape, error)));
    const head = ['content-type', 'application/json; charset=utf-8', 'content-length', String(body.length), 'retry-after', String(RETRY_AFTER_S)];
    this.#prepared.set(shape, { head, body });
    return { head, body };
  }
}
