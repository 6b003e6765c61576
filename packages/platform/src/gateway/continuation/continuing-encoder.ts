import { addUsage } from '@maru/api/records';
import type { CanonicalEvent, StreamEncoder } from '#formats';
import type { BegunAnswer } from './begun-answer.ts';
import { TextSplice } from './text-splice.ts';

type PartEvent = Extract<CanonicalEvent, { readonly index: number }>;
type PartStart = Extract<CanonicalEvent, { readonly type: 'part-start' }>;

export interface ContinuingOptions {
  /** Who goes on, for a comment in the stream. */
  readonly by: string;
  /** The beginning that the engine was given. */
  readonly given: string;
  /** It repeats the beginning. */
  readonly echoes: boolean;
}

/**
 * Writes the events of an engine that goes on with an answer: no second start, its first text in the part that is open, its other parts
 * behind. Its reasoning is left out, because the client has the answer already. Nothing is written before something is visible.
 */
export class ContinuingEncoder implements StreamEncoder {
  readonly #answer: BegunAnswer;
  readonly #splice: TextSplice;
  /** From the numbers of the engine's parts to those of the answer's. */
  readonly #parts = new Map<number, number>();
  /** Parts that have begun and said nothing yet. */
  readonly #waiting = new Map<number, PartStart>();
  readonly #leftOut = new Set<number>();
  #mark: string;
  #hasText = false;

  constructor(answer: BegunAnswer, { by, given, echoes }: ContinuingOptions) {
    this.#answer = answer;
    this.#splice = new TextSplice({ echo: echoes ? given : '', space: answer.text.slice(given.length) });
    this.#mark = `: continued by ${by.replace(/[\r\n]+/g, ' ')}\n\n`;
  }

  encode(event: CanonicalEvent): string {
    const bytes = this.#encode(event);
    if (bytes === '') return '';
    const marked = this.#mark + bytes;
    this.#mark = '';
    return marked;
  }

  #encode(event: CanonicalEvent): string {
    if ('index' in event) return this.#leftOut.has(event.index) ? '' : this.#encodePart(event);
    switch (event.type) {
      case 'start':
        return '';
      case 'usage':
        return this.#answer.write({ ...event, usage: addUsage(this.#answer.usage, event.usage) });
      case 'finish':
        return this.#closeOpen() + this.#answer.write(event);
      default:
        return this.#answer.write(event);
    }
  }

  #encodePart(event: PartEvent): string {
    if (event.type === 'part-start') return this.#start(event);
    if (event.type === 'part-end') {
      // A part that has said nothing is none.
      if (this.#waiting.delete(event.index)) return '';
      return this.#pass(event);
    }
    if (event.type !== 'text-delta') return this.#pass(event);
    const text = this.#splice.push(event.text);
    return text === '' ? '' : this.#pass({ ...event, text });
  }

  #start(event: PartStart): string {
    const { part, index } = event;
    if (part.type === 'reasoning') {
      this.#leftOut.add(index);
      return '';
    }
    const open = this.#answer.openPart;
    if (part.type === 'text' && !this.#hasText && open !== undefined) {
      this.#hasText = true;
      this.#parts.set(index, open);
      return '';
    }
    this.#waiting.set(index, event);
    return part.type === 'tool-call' || part.type === 'foreign' ? this.#begin(index) : '';
  }

  #pass(event: PartEvent): string {
    const begun = this.#begin(event.index);
    return begun + this.#answer.write({ ...event, index: this.#parts.get(event.index) ?? event.index });
  }

  /** Begins a part that has waited for its first words. */
  #begin(index: number): string {
    const waiting = this.#waiting.get(index);
    if (waiting === undefined) return '';
    this.#waiting.delete(index);
    const closed = this.#closeOpen();
    const own = this.#answer.nextPart();
    this.#parts.set(index, own);
    return closed + this.#answer.write({ ...waiting, index: own });
  }

  /** Ends the part that the engine before has left open, where this one says nothing more in it. */
  #closeOpen(): string {
    const open = this.#answer.openPart;
    if (open === undefined || this.#hasText) return '';
    this.#hasText = true;
    return this.#answer.write({ type: 'part-end', index: open });
  }
}
