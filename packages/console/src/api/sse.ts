/** One server-sent event; `data` joins its lines. */
export interface ServerEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** Reads events out of text that may be cut anywhere, as the WHATWG HTML standard describes. */
export class EventReader {
  #rest = '';

  /** Returns the events that this piece completes. */
  push(piece: string): ServerEvent[] {
    this.#rest += piece;
    const blocks = this.#rest.split(/\r\n\r\n|\n\n|\r\r/);
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const event = parseBlock(block);
      return event === undefined ? [] : [event];
    });
  }

  /** Text after the last whole event; a stream that ends with something here was cut. */
  get rest(): string {
    return this.#rest;
  }
}

function parseBlock(block: string): ServerEvent | undefined {
  let event = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (colon === 0 || line === '') continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') event = value;
    else if (name === 'id') id = value;
    else if (name === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { event, id, data: data.join('\n') };
}

/** Events of a response body, until it ends or the signal fires. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const events = new EventReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* events.push(value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
