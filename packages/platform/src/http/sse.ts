/** One server-sent event, as in the WHATWG HTML standard, section 9.2. */
export interface SseEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data: string;
}

/** Writes an event in the wire format. */
export function formatSse(event: SseEvent): string {
  const lines = event.data.split('\n').map((line) => `data: ${line}`);
  if (event.event !== undefined) lines.unshift(`event: ${event.event}`);
  if (event.id !== undefined) lines.unshift(`id: ${event.id}`);
  return `${lines.join('\n')}\n\n`;
}

/** Reads events out of chunks that may be cut anywhere, also inside a character. */
export class SseParser {
  readonly #decoder = new TextDecoder();
  #rest = '';

  /** Returns the events that this chunk completes. */
  push(chunk: Uint8Array): SseEvent[] {
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    const events: SseEvent[] = [];
    for (;;) {
      const end = /\r?\n\r?\n/.exec(this.#rest);
      if (end === null) return events;
      const block = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      const event = parseBlock(block);
      if (event !== undefined) events.push(event);
    }
  }

  /** What is left after the last complete event; a stream that ends with something here was cut. */
  get rest(): string {
    return this.#rest;
  }
}

function parseBlock(block: string): SseEvent | undefined {
  const data: string[] = [];
  let event: string | undefined;
  let id: string | undefined;
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith(':')) continue;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id') id = value;
  }
  if (data.length === 0) return undefined;
  return { data: data.join('\n'), ...(event === undefined ? {} : { event }), ...(id === undefined ? {} : { id }) };
}
