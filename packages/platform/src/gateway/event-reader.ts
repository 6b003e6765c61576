import { PlatformError } from '@maru/api/errors';
import type { Usage } from '@maru/api/records';
import type { AnswerReader, StreamStretch } from './answer-reader.ts';
import type { EventGrammar, EventMeaning } from './event-grammar.ts';
import { checkEventShape, eventData, eventName, nextEventEnd, WholeEvents } from './sse-bytes.ts';

const EMPTY = Buffer.alloc(0);

export interface EventReaderOptions {
  readonly grammar: EventGrammar;
  readonly readUsage: (report: unknown) => Usage | undefined;
}

/** Reads a stream that is passed on byte for byte, in any format whose events have names or speak for themselves. */
export class EventReader implements AnswerReader {
  readonly #options: EventReaderOptions;
  readonly #whole = new WholeEvents();
  #visible = false;
  #held: Buffer[] | undefined;
  #usage: Record<string, unknown> | undefined;
  #events = 0;
  #visibleBytes = 0;
  tail: Buffer = EMPTY;

  constructor(options: EventReaderOptions) {
    this.#options = options;
  }

  /** An event of the answer is at least one token; beyond that, text at four bytes a token and about a hundred bytes of frame. */
  get estimatedTokens(): number {
    return Math.max(this.#events, Math.ceil((this.#visibleBytes - this.#events * 100) / 4));
  }

  reported(): Usage | undefined {
    return this.#usage === undefined ? undefined : this.#options.readUsage(this.#usage);
  }

  push(chunk: Buffer): StreamStretch | undefined {
    const bytes = this.#whole.push(chunk);
    return bytes === undefined ? undefined : this.#read(bytes);
  }

  end(): StreamStretch | undefined {
    if (this.#held === undefined) return undefined;
    this.tail = Buffer.concat(this.#held);
    return { bytes: EMPTY, visible: true, done: true, error: undefined };
  }

  #read(bytes: Buffer): StreamStretch {
    const text = bytes.toString('latin1');
    // After the finish reason nothing is given on before the body has ended: what looks complete must be complete.
    let heldFrom = this.#held === undefined ? text.length : 0;
    for (let at = 0; at < text.length; ) {
      const end = nextEventEnd(text, at);
      const meaning = this.#look(bytes, text, { start: at, end });
      const given = bytes.subarray(0, Math.min(at, heldFrom));
      if (meaning.error !== undefined) return { bytes: given, visible: this.#visible, done: false, error: meaning.error };
      if (meaning.final === 'marker') {
        this.tail = bytes.subarray(at, end);
        return { bytes: given, visible: true, done: true, error: undefined };
      }
      if (meaning.final === 'held') heldFrom = Math.min(at, heldFrom);
      at = end;
    }
    if (heldFrom < text.length) {
      this.#held ??= [];
      this.#held.push(bytes.subarray(heldFrom));
    }
    return { bytes: bytes.subarray(0, heldFrom), visible: this.#visible, done: false, error: undefined };
  }

  #look(bytes: Buffer, text: string, range: { readonly start: number; readonly end: number }): EventMeaning {
    const data = text.indexOf('data:', range.start);
    if (data < 0 || data >= range.end) return {};
    checkEventShape(text, range);
    const meaning = this.#options.grammar(eventName(text, range), () => parse(eventData(bytes, text, range)));
    if (meaning.usage !== undefined) this.#usage = { ...this.#usage, ...withoutNulls(meaning.usage) };
    if (meaning.visible === true) {
      this.#visible = true;
      this.#events += 1;
      this.#visibleBytes += range.end - range.start;
    }
    return meaning;
  }
}

const withoutNulls = (usage: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));

function parse(data: string | undefined): Readonly<Record<string, unknown>> {
  if (data === undefined || data === '[DONE]') return {};
  try {
    const value = JSON.parse(data) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new PlatformError('upstream_garbage', { message: 'the engine sent an event that is not JSON', cause });
  }
  throw new PlatformError('upstream_garbage', { message: 'the engine sent an event that is not a JSON object' });
}
