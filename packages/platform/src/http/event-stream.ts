import { crc32 } from 'node:zlib';
import { PlatformError } from '@maru/api/errors';

/** One message of the binary encoding `application/vnd.amazon.eventstream`. Headers of other types than text are left out. */
export interface EventStreamMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;
const MAX_MESSAGE_BYTES = 24 * 1024 * 1024;
const MAX_HEADER_BYTES = 128 * 1024;
const TEXT = 7;
/** Bytes of the value by type: true, false, byte, short, integer, long, (bytes, text), timestamp, uuid. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };

/** Reads messages out of chunks that may be cut anywhere. Throws `upstream_garbage` for a wrong checksum, length or header. */
export class EventStreamParser {
  #rest: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #waiting = 0;
  #needed = PRELUDE_BYTES;

  /** Returns the messages that this chunk completes. */
  push(chunk: Uint8Array): EventStreamMessage[] {
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#waiting += chunk.byteLength;
    if (this.#rest.length + this.#waiting < this.#needed) return [];
    let bytes = Buffer.concat([this.#rest, ...this.#chunks]);
    this.#chunks = [];
    this.#waiting = 0;
    const messages: EventStreamMessage[] = [];
    this.#needed = PRELUDE_BYTES;
    while (bytes.length >= PRELUDE_BYTES) {
      const total = readPrelude(bytes);
      this.#needed = total;
      if (bytes.length < total) break;
      messages.push(readMessage(bytes.subarray(0, total)));
      bytes = bytes.subarray(total);
      this.#needed = PRELUDE_BYTES;
    }
    this.#rest = bytes;
    return messages;
  }

  /** Bytes after the last complete message; a stream that ends with some was cut. */
  get restBytes(): number {
    return this.#rest.length + this.#waiting;
  }
}

function readPrelude(bytes: Buffer): number {
  const total = bytes.readUInt32BE(0);
  const headers = bytes.readUInt32BE(4);
  if (bytes.readUInt32BE(8) !== crc32(bytes.subarray(0, 8))) throw garbage('the checksum of its prelude is wrong');
  if (total > MAX_MESSAGE_BYTES || headers > MAX_HEADER_BYTES) throw garbage('it is larger than the format allows');
  if (total < PRELUDE_BYTES + headers + CRC_BYTES) throw garbage('its lengths contradict each other');
  return total;
}

function readMessage(bytes: Buffer): EventStreamMessage {
  const bodyEnd = bytes.length - CRC_BYTES;
  if (bytes.readUInt32BE(bodyEnd) !== crc32(bytes.subarray(0, bodyEnd))) throw garbage('its checksum is wrong');
  const headersEnd = PRELUDE_BYTES + bytes.readUInt32BE(4);
  return { headers: readHeaders(bytes.subarray(PRELUDE_BYTES, headersEnd)), payload: bytes.subarray(headersEnd, bodyEnd) };
}

function readHeaders(bytes: Buffer): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + (bytes[at] ?? 0);
    const type = bytes[nameEnd];
    if (type === undefined) throw garbage('a header is cut off');
    const name = bytes.toString('utf8', at + 1, nameEnd);
    const fixed = FIXED_BYTES[type];
    if (fixed !== undefined) {
      at = nameEnd + 1 + fixed;
    } else {
      if (type !== TEXT && type !== 6) throw garbage(`a header has the unknown type ${type}`);
      if (nameEnd + 3 > bytes.length) throw garbage('a header is cut off');
      const start = nameEnd + 3;
      at = start + bytes.readUInt16BE(nameEnd + 1);
      if (type === TEXT && at <= bytes.length) headers[name] = bytes.toString('utf8', start, at);
    }
    if (at > bytes.length) throw garbage('a header is cut off');
  }
  return headers;
}

/** Writes a message whose headers are texts. */
export function formatEventStream(message: EventStreamMessage): Buffer {
  const headers = Buffer.concat(
    Object.entries(message.headers).map(([name, value]) => {
      const head = Buffer.from(name);
      const text = Buffer.from(value);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(text.length);
      return Buffer.concat([Buffer.from([head.length]), head, Buffer.from([TEXT]), length, text]);
    }),
  );
  const bytes = Buffer.alloc(PRELUDE_BYTES + headers.length + message.payload.length + CRC_BYTES);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(headers.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  headers.copy(bytes, PRELUDE_BYTES);
  message.payload.copy(bytes, PRELUDE_BYTES + headers.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bytes.length - CRC_BYTES)), bytes.length - CRC_BYTES);
  return bytes;
}

const garbage = (what: string): PlatformError => new PlatformError('upstream_garbage', { message: `a message of the event stream can not be read: ${what}` });
