import { PlatformError } from '@maru/api/errors';

/** One server-sent event, as in the WHATWG HTML standard, section 9.2. */
export interface SseEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data: string;
}

/** Writes an event in the wire format. */
export function formatSse(event: SseEvent): string {
  const lines = event.data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`);
  if (event.event !== undefined) lines.unshift(`event: ${event.event}`);
  if (event.id !== undefined) lines.unshift(`id: ${event.id}`);
  return `${lines.join('\n')}\n\n`;
}

/** Reads events out of chunks that may be cut anywhere, also inside a character or a line end. */
export class SseParser {
  readonly #decoder = new TextDecoder();
  readonly #maxEventBytes: number;
  #line = '';
  #data: string | undefined;
  #event: string | undefined;
  #id: string | undefined;
  #size = 0;
  #afterReturn = false;

  /** An event larger than `maxEventBytes` throws `upstream_garbage`. */
  constructor(maxEventBytes = 16 * 1024 * 1024) {
    this.#maxEventBytes = maxEventBytes;
  }

  /** Returns the events that this chunk completes. */
  push(chunk: Uint8Array): SseEvent[] {
    const text = this.#decoder.decode(chunk, { stream: true });
    const events: SseEvent[] = [];
    let from = 0;
    if (this.#afterReturn && text.length > 0) {
      if (text.charCodeAt(0) === 10) from = 1;
      this.#afterReturn = false;
    }
    const nextLineEnd = lineEnds(text);
    for (let end = nextLineEnd(from); end >= 0; end = nextLineEnd(from)) {
      this.#takeLine(this.#line + text.slice(from, end), events);
      this.#line = '';
      from = end + 1;
      if (text.charCodeAt(end) === 13) {
        if (from === text.length) this.#afterReturn = true;
        else if (text.charCodeAt(from) === 10) from += 1;
      }
    }
    this.#line += text.slice(from);
    if (this.#size + this.#line.length > this.#maxEventBytes) {
      throw new PlatformError('upstream_garbage', { message: `a server-sent event is larger than ${this.#maxEventBytes} bytes` });
    }
    return events;
  }

  /** What is left after the last complete event; a stream that ends with something here was cut. */
  get rest(): string {
    return this.#data === undefined ? this.#line : `${this.#data}\n${this.#line}`;
  }

  #takeLine(line: string, events: SseEvent[]): void {
    if (line === '') {
      if (this.#data !== undefined) {
        events.push({ data: this.#data, ...(this.#event === undefined ? {} : { event: this.#event }), ...(this.#id === undefined ? {} : { id: this.#id }) });
      }
      this.#data = undefined;
      this.#event = undefined;
      this.#id = undefined;
      this.#size = 0;
      return;
    }
    this.#size += line.length;
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
    if (field === 'data') this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (field === 'event') this.#event = value;
    else if (field === 'id') this.#id = value;
  }
}

/** Finds the next line end from a place on; remembers what it has seen, so that a chunk is read once. */
function lineEnds(text: string): (from: number) => number {
  let carriage = text.indexOf('\r');
  return (from) => {
    if (carriage >= 0 && carriage < from) carriage = text.indexOf('\r', from);
    if (carriage < 0) return text.indexOf('\n', from);
    const feed = text.indexOf('\n', from);
    return feed < 0 ? carriage : Math.min(feed, carriage);
  };
}
