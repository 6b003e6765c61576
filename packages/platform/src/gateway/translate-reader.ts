import { PlatformError } from '@maru/api/errors';
import type { Usage } from '@maru/api/records';
import type { CanonicalError, CanonicalEvent, StreamDecoder, StreamEncoder } from '#formats';
import type { AnswerReader, StreamStretch } from './answer-reader.ts';

/** Reads a stream in the engine's format and writes it in the client's. */
export class TranslateReader implements AnswerReader {
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  #visible = false;
  #finishing = false;
  #usage: Usage | undefined;
  #events = 0;
  #letters = 0;
  #tail = '';

  constructor(decoder: StreamDecoder, encoder: StreamEncoder) {
    this.#decoder = decoder;
    this.#encoder = encoder;
  }

  get tail(): Buffer {
    return Buffer.from(this.#tail);
  }

  get estimatedTokens(): number {
    return Math.max(this.#events, Math.ceil(this.#letters / 4));
  }

  reported(): Usage | undefined {
    return this.#usage;
  }

  push(chunk: Buffer): StreamStretch | undefined {
    return this.#write(this.#decoder.push(chunk));
  }

  end(): StreamStretch | undefined {
    return this.#write(this.#decoder.end());
  }

  #write(events: readonly CanonicalEvent[]): StreamStretch | undefined {
    if (events.length === 0) return undefined;
    let text = '';
    for (const event of events) {
      if (event.type === 'error') return { bytes: Buffer.from(text), visible: this.#visible, done: false, error: toPlatform(event.error) };
      if (event.type === 'finish') this.#finishing = true;
      if ((event.type === 'usage' || event.type === 'start') && event.usage !== undefined) this.#usage = event.usage;
      this.#count(event);
      const written = this.#encoder.encode(event);
      // After the finish reason nothing is given on before the end: what looks complete must be complete.
      if (this.#finishing) this.#tail += written;
      else text += written;
      if (event.type === 'end') return { bytes: Buffer.from(text), visible: true, done: true, error: undefined };
    }
    return { bytes: Buffer.from(text), visible: this.#visible, done: false, error: undefined };
  }

  #count(event: CanonicalEvent): void {
    if (event.type === 'part-start') {
      if (event.part.type === 'tool-call' || event.part.type === 'foreign') this.#visible = true;
      return;
    }
    if (event.type !== 'text-delta' && event.type !== 'reasoning-delta' && event.type !== 'refusal-delta' && event.type !== 'arguments-delta') return;
    if (event.text === '') return;
    this.#visible = true;
    this.#events += 1;
    this.#letters += event.text.length;
  }
}

const toPlatform = (error: CanonicalError): PlatformError =>
  new PlatformError(error.kind === 'garbage' ? 'upstream_garbage' : 'upstream_cut', {
    message: `the engine broke off its answer: ${error.message.slice(0, 1000)}`,
    details: { upstreamCode: error.code ?? error.type ?? null },
  });
