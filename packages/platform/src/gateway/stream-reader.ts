import { PlatformError } from '@maru/api/errors';
import type { Usage } from '@maru/api/records';
import type { AnswerReader, StreamStretch } from './answer-reader.ts';
import { readUsage } from './read-usage.ts';
import { checkEventShape, eventData, nextEventEnd, WholeEvents } from './sse-bytes.ts';

const DONE = Buffer.from('data: [DONE]\n\n');

/**
 * Reads a stream of OpenAI events as it passes. Only whole events are given on, so that a cut stream never leaves half an event with the
 * client. Events are parsed only while nothing was visible, and where they carry usage or an error.
 */
export class StreamReader implements AnswerReader {
  readonly tail = DONE;
  readonly #wantsUsage: boolean;
  readonly #whole = new WholeEvents();
  #visible = false;
  #smallestEvent = Number.POSITIVE_INFINITY;
  #eventBytes = 0;
  #events = 0;
  /** The last usage that the engine reported, not yet checked. */
  usage: unknown;

  /** `wantsUsage` says whether the client asked for the usage chunk; else it is taken out. */
  constructor(wantsUsage: boolean) {
    this.#wantsUsage = wantsUsage;
  }

  /** The answer has begun. */
  get visible(): boolean {
    return this.#visible;
  }

  /**
   * Tokens that passed, estimated: an event is at least one token, and what its events are longer than the shortest one is text at four
   * bytes a token. For answers that end without a usage report.
   */
  get estimatedTokens(): number {
    if (this.#events === 0) return 0;
    const textBytes = this.#eventBytes - this.#events * this.#smallestEvent;
    return Math.max(this.#events, Math.ceil(textBytes / 4));
  }

  push(chunk: Buffer): StreamStretch | undefined {
    const bytes = this.#whole.push(chunk);
    return bytes === undefined ? undefined : this.#read(bytes);
  }

  /** `[DONE]` is the end, and nothing else is. */
  end(): undefined {}

  reported(): Usage | undefined {
    return this.usage === undefined ? undefined : readUsage(this.usage);
  }

  #read(bytes: Buffer): StreamStretch {
    const text = bytes.toString('latin1');
    if (this.#visible && !reportsUsage(text) && !text.includes('[DONE]') && !text.includes('"error"')) {
      this.#countAll(text);
      return { bytes, visible: true, done: false, error: undefined };
    }
    return this.#readEach(bytes, text);
  }

  #readEach(bytes: Buffer, text: string): StreamStretch {
    const kept: Buffer[] = [];
    let keptFrom = 0;
    let at = 0;
    let done = false;
    let error: PlatformError | undefined;
    while (at < text.length) {
      const end = nextEventEnd(text, at);
      const data = eventData(bytes, text, { start: at, end });
      if (data === '[DONE]') {
        done = true;
        this.#visible = true;
        break;
      }
      const value = data === undefined ? undefined : parseEvent(data);
      if (value?.error != null || value?.object === 'error') {
        error = toError(value);
        break;
      }
      if (value?.usage) this.usage = value.usage;
      if (value?.usage && value.choices?.length === 0 && !this.#wantsUsage) {
        kept.push(bytes.subarray(keptFrom, at));
        keptFrom = end;
      } else if (value !== undefined) {
        this.#visible ||= isVisible(value);
        if (this.#visible && value.choices?.length !== 0) this.#count(end - at);
      }
      at = end;
    }
    kept.push(bytes.subarray(keptFrom, at));
    return { bytes: kept.length === 1 && kept[0] !== undefined ? kept[0] : Buffer.concat(kept), visible: this.#visible, done, error };
  }

  #countAll(text: string): void {
    for (let at = 0; at < text.length; ) {
      const end = nextEventEnd(text, at);
      checkEventShape(text, { start: at, end });
      this.#count(end - at);
      at = end;
    }
  }

  #count(length: number): void {
    this.#events += 1;
    this.#eventBytes += length;
    if (length < this.#smallestEvent) this.#smallestEvent = length;
  }
}

/** Whether a usage stands there that is not null: some vendors put `"usage":null` into every event. */
function reportsUsage(text: string): boolean {
  for (let at = text.indexOf('"usage"'); at >= 0; at = text.indexOf('"usage"', at + 7)) {
    let value = at + 7;
    while (text.charCodeAt(value) === 32 || text.charCodeAt(value) === 58) value += 1;
    if (text[value] !== 'n') return true;
  }
  return false;
}

interface WireEvent {
  readonly object?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly error?: unknown;
  readonly usage?: unknown;
  readonly choices?: readonly Readonly<Record<string, unknown>>[];
}

function parseEvent(data: string): WireEvent {
  try {
    const value = JSON.parse(data) as unknown;
    if (typeof value === 'object' && value !== null) return value as WireEvent;
  } catch (cause) {
    throw new PlatformError('upstream_garbage', { message: 'the engine sent an event that is not JSON', cause });
  }
  throw new PlatformError('upstream_garbage', { message: 'the engine sent an event that is not a JSON object' });
}

/** A role alone, or empty text, is not yet an answer: another engine may still take over. */
function isVisible(event: WireEvent): boolean {
  if (!Array.isArray(event.choices)) return true;
  return event.choices.some((choice) => {
    if (choice['finish_reason'] != null) return true;
    if (isFilled(choice['text'])) return true;
    const delta = choice['delta'];
    return typeof delta === 'object' && delta !== null && Object.entries(delta).some(([name, value]) => name !== 'role' && isFilled(value));
  });
}

const isFilled = (value: unknown): boolean => value != null && value !== '' && !(Array.isArray(value) && value.length === 0);

function toError(event: WireEvent): PlatformError {
  const inner = (typeof event.error === 'object' && event.error !== null ? event.error : event) as { readonly message?: unknown; readonly code?: unknown };
  const message = typeof inner.message === 'string' ? inner.message.slice(0, 1000) : 'no message';
  return new PlatformError('upstream_cut', { message: `the engine broke off its answer: ${message}`, details: { upstreamCode: inner.code ?? null } });
}
