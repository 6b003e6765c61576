import { PlatformError } from '@maru/api/errors';

/** Longest single event of an answer. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;

const LINE_FEED = 10;

/** Puts chunks together that are cut anywhere, and gives whole events only. */
export class WholeEvents {
  #pending: Buffer[] = [];
  #bytes = 0;

  /** The whole events so far; undefined when there is none. Throws `upstream_garbage` when an event grows without end. */
  push(chunk: Buffer): Buffer | undefined {
    // An event ends with a line feed: without one there is nothing to look for, and tiny packets must not be joined again and again.
    if (this.#bytes > 0 && !chunk.includes(LINE_FEED)) {
      this.#keep(chunk);
      return undefined;
    }
    const data = this.#bytes === 0 ? chunk : Buffer.concat([...this.#pending, chunk], this.#bytes + chunk.length);
    const end = lastEventEnd(data);
    if (this.#bytes > 0) {
      this.#pending = [];
      this.#bytes = 0;
    }
    if (end < data.length) this.#keep(end === 0 ? data : data.subarray(end));
    if (end === 0) return undefined;
    return end === data.length ? data : data.subarray(0, end);
  }

  #keep(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_EVENT_BYTES) {
      throw new PlatformError('upstream_garbage', { message: `the engine sent an event of more than ${MAX_EVENT_BYTES} bytes` });
    }
  }
}

function lastEventEnd(data: Buffer): number {
  const length = data.length;
  if (data[length - 1] === 10 && (data[length - 2] === 10 || (data[length - 2] === 13 && data[length - 3] === 10))) return length;
  const feeds = data.lastIndexOf('\n\n');
  const returns = data.lastIndexOf('\n\r\n');
  return Math.max(feeds < 0 ? 0 : feeds + 2, returns < 0 ? 0 : returns + 3);
}

/** Where the event that begins here ends. */
export function nextEventEnd(text: string, from: number): number {
  let at = text.indexOf('\n', from);
  for (;;) {
    if (at < 0) return text.length;
    const next = text.charCodeAt(at + 1);
    if (next === 10) return at + 2;
    if (next === 13 && text.charCodeAt(at + 2) === 10) return at + 3;
    at = text.indexOf('\n', at + 1);
  }
}

/** The data of an event; undefined for comments. */
export function eventData(bytes: Buffer, text: string, range: { readonly start: number; readonly end: number }): string | undefined {
  const data: string[] = [];
  for (let at = range.start; at < range.end; ) {
    const end = text.indexOf('\n', at);
    if (text.startsWith('data:', at)) data.push(bytes.toString('utf8', at + 5, end).trim());
    at = end + 1;
  }
  return data.length === 0 ? undefined : data.join('\n');
}

/** The name of an event, from its `event:` line; empty where it has none. */
export function eventName(text: string, range: { readonly start: number; readonly end: number }): string {
  for (let at = range.start; at < range.end; ) {
    const end = text.indexOf('\n', at);
    if (end < 0) break;
    if (text.startsWith('event:', at)) return text.slice(at + 6, end).trim();
    at = end + 1;
  }
  return '';
}

/**
 * Throws `upstream_garbage` when the data of an event does not begin and end as a JSON object does. Looks at its two ends only: parsing
 * every event would cost more than passing it on.
 */
export function checkEventShape(text: string, range: { readonly start: number; readonly end: number }): void {
  const line = text.indexOf('\ndata:', range.start);
  const data = text.startsWith('data:', range.start) ? range.start : line < 0 ? range.end : line + 1;
  if (data >= range.end) return;
  let first = data + 5;
  while (isBlank(text.charCodeAt(first))) first += 1;
  let last = range.end - 1;
  while (last > first && isBlank(text.charCodeAt(last))) last -= 1;
  if (text[first] === '{' && text[last] === '}') return;
  if (text.startsWith('[DONE]', first)) return;
  throw new PlatformError('upstream_garbage', { message: 'the engine sent an event that is not a JSON object' });
}

const isBlank = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;
