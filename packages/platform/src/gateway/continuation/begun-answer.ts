import { addUsage, type Usage, ZERO_USAGE } from '@maru/api/records';
import type { CanonicalEvent, StreamEncoder } from '#formats';

/** Longer answers are not continued: their text would have to be sent again. */
const MAX_TEXT = 256 * 1024;

/**
 * A streamed answer that one engine has begun and others may go on with. One encoder writes it from its start to its end, so that ids,
 * numbers and open parts stay those of one answer.
 */
export class BegunAnswer {
  readonly #encoder: StreamEncoder;
  #text = '';
  #onlyText = true;
  #finished = false;
  #open: number | undefined;
  #parts = 0;
  #usage = ZERO_USAGE;

  constructor(encoder: StreamEncoder) {
    this.#encoder = encoder;
  }

  /** What was said so far. */
  get text(): string {
    return this.#text;
  }

  /** What the engines used that broke off. */
  get usage(): Usage {
    return this.#usage;
  }

  /** The text part that is open. */
  get openPart(): number | undefined {
    return this.#open;
  }

  /** Whether an engine could go on: something was said, nothing but text, and its end was not reached. */
  get canGoOn(): boolean {
    return this.#onlyText && !this.#finished && this.#text.length <= MAX_TEXT && this.#text.trim() !== '';
  }

  /** Numbers a part that is not there yet. */
  nextPart(): number {
    return this.#parts;
  }

  /** An engine has broken off. */
  brokeOff(usage: Usage): void {
    this.#usage = addUsage(this.#usage, usage);
  }

  /** Writes what the first engine says. */
  first(): StreamEncoder {
    return { encode: (event) => this.write(event) };
  }

  /** Bytes for the client. */
  write(event: CanonicalEvent): string {
    this.#note(event);
    return this.#encoder.encode(event);
  }

  #note(event: CanonicalEvent): void {
    switch (event.type) {
      case 'part-start':
        this.#parts = Math.max(this.#parts, event.index + 1);
        if (event.part.type === 'text') this.#open = event.index;
        else this.#onlyText = false;
        break;
      case 'text-delta':
        if (this.#text.length <= MAX_TEXT) this.#text += event.text;
        break;
      case 'part-end':
        if (event.index === this.#open) this.#open = undefined;
        break;
      case 'seal':
      case 'notes':
      case 'logprobs':
        this.#onlyText = false;
        break;
      case 'finish':
        this.#finished = true;
        break;
      default:
    }
  }
}
