import type { EngineRequest } from '#engines';
import type { AttemptTime } from './lifetime.ts';
import type { SplicedBody } from './splice-request.ts';

/** What an engine is asked, without the body and the way to cancel. */
type Asked = Omit<EngineRequest, 'body' | 'pieces' | 'signal' | 'onAbort'>;

/**
 * A request to an engine whose body is joined, and whose signal is made, only when somebody asks for them. A class, because an object with
 * getters of its own gets a shape of its own, which keeps everything that its getters see until the next full collection.
 */
export class EngineCall implements EngineRequest {
  readonly operation: EngineRequest['operation'];
  declare readonly format?: NonNullable<EngineRequest['format']>;
  declare readonly omits?: readonly string[];
  declare readonly continues?: boolean;
  readonly pieces: EngineRequest['pieces'];
  readonly stream: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly #body: SplicedBody;
  readonly #time: AttemptTime;

  constructor(asked: Asked, body: SplicedBody, time: AttemptTime) {
    this.operation = asked.operation;
    if (asked.format !== undefined) this.format = asked.format;
    if (asked.omits !== undefined) this.omits = asked.omits;
    if (asked.continues !== undefined) this.continues = asked.continues;
    this.pieces = body.pieces;
    this.stream = asked.stream;
    this.headers = asked.headers;
    this.#body = body;
    this.#time = time;
  }

  get body(): Uint8Array {
    return this.#body.body;
  }

  get signal(): AbortSignal {
    return this.#time.signal;
  }

  onAbort(callback: (reason: unknown) => void): void {
    this.#time.onAbort(callback);
  }
}
