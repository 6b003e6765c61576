import type { IncomingMessage } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import { ByteQueue } from '#http';
import { HeldBytes } from './held-bytes.ts';
import { MultipartScanner, type Segment } from './multipart-scanner.ts';

export interface OpenUploadOptions {
  readonly contentType: string;
  readonly boundary: string;
  readonly limitBytes: number;
  /** Where bytes go that come before the name of the model. */
  readonly folder: string;
  /** Unique name for them. */
  readonly name: string;
}

/** Of an upload that began to go to one engine, kept for another one. */
const REPLAY_BYTES = 1024 * 1024;

/** A multipart body on its way from the client to an engine. It is never whole in memory. */
export class Upload {
  readonly contentType: string;
  readonly #source: AsyncIterator<Buffer>;
  readonly #scanner: MultipartScanner;
  readonly #held: HeldBytes;
  #after: Segment[] = [];
  #model: string | undefined;
  #ended = false;
  /** What arrived after the name of the model, as long as it is little; undefined when it was too much to keep. */
  #live: Buffer[] | undefined = [];
  #liveBytes = 0;

  private constructor(source: ByteQueue, options: OpenUploadOptions) {
    this.contentType = options.contentType;
    this.#source = source[Symbol.asyncIterator]();
    this.#scanner = new MultipartScanner(options.boundary);
    this.#held = new HeldBytes(options.folder, options.name);
  }

  /**
   * Reads until the name of the model is known, or the body has ended. Throws `invalid_request` for a body that is not multipart,
   * `body_too_large`, and `cancelled` when the client goes.
   */
  static async open(request: IncomingMessage, options: OpenUploadOptions): Promise<Upload> {
    const upload = new Upload(receive(request, options.limitBytes), options);
    try {
      while (upload.#model === undefined && !upload.#ended) await upload.#readHead();
    } catch (error) {
      await upload.close();
      throw error;
    }
    return upload;
  }

  /** The name that the client sent; undefined when the body has none. */
  get model(): string | undefined {
    return this.#model;
  }

  /** A part of it went to an engine and can not be sent again. */
  get spent(): boolean {
    return this.#live === undefined;
  }

  /** The body with another name of the model. `onChunk` is called for every piece that arrives. */
  async *body(servedName: string, onChunk: () => void): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.spent) throw new PlatformError('upstream_cut', { message: 'the upload went to another engine already; send the request again' });
    yield* this.#held.read();
    if (this.#model !== undefined) yield Buffer.from(servedName);
    yield* bytesOf(this.#after);
    yield* this.#live ?? [];
    while (!this.#ended) {
      const { value, done } = await this.#source.next();
      onChunk();
      if (done === true) this.#finish();
      else {
        for (const bytes of bytesOf(this.#scanner.push(value))) {
          this.#keep(bytes);
          yield bytes;
        }
      }
    }
  }

  close(): Promise<void> {
    return this.#held.close();
  }

  #keep(bytes: Buffer): void {
    this.#liveBytes += bytes.length;
    if (this.#liveBytes > REPLAY_BYTES) this.#live = undefined;
    else this.#live?.push(bytes);
  }

  async #readHead(): Promise<void> {
    const { value, done } = await this.#source.next();
    if (done === true) {
      this.#finish();
      return;
    }
    for (const segment of this.#scanner.push(value)) {
      if (this.#model !== undefined) this.#after.push(segment);
      else if (segment.kind === 'model') this.#model = segment.value;
      else await this.#held.append(segment.bytes);
    }
  }

  #finish(): void {
    this.#ended = true;
    this.#scanner.end();
  }
}

function* bytesOf(segments: readonly Segment[]): Generator<Buffer, void, undefined> {
  for (const segment of segments) if (segment.kind === 'bytes') yield segment.bytes;
}

/** The body of a request as it arrives, with backpressure. */
function receive(request: IncomingMessage, limitBytes: number): ByteQueue {
  const tooLarge = (): PlatformError =>
    new PlatformError('body_too_large', { message: `the request body is larger than ${limitBytes} bytes`, details: { limitBytes } });
  let size = 0;
  const queue = new ByteQueue({ onPause: () => request.pause(), onResume: () => request.resume(), onCancel: () => request.resume() });
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
    queue.fail(tooLarge());
    return queue;
  }
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limitBytes) queue.fail(tooLarge());
    else queue.push(chunk);
  });
  request.once('end', () => queue.end());
  request.once('close', () => queue.fail(new PlatformError('cancelled', { message: 'the client went away before its request body was complete' })));
  return queue;
}
