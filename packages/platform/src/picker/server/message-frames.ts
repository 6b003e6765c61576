import { PlatformError } from '@maru/api/errors';

/** Most bytes of one message: proxies send bodies in pieces that are far smaller. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** A byte that tells whether the message is packed, and four of its length. */
const HEAD_BYTES = 5;

/** A message with its head, ready to be written. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, HEAD_BYTES);
  return frame;
}

/** Finds the messages in the bytes of a stream, however they are cut. */
export class MessageFrames {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** The messages that are complete with this chunk. Throws `invalid_request` for one that is packed or too large. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const messages: Buffer[] = [];
    while (this.#bytes >= HEAD_BYTES) {
      const length = lengthOf(this.#peekHead());
      if (this.#bytes < HEAD_BYTES + length) break;
      messages.push(this.#take(HEAD_BYTES + length).subarray(HEAD_BYTES));
    }
    return messages;
  }

  #peekHead(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= HEAD_BYTES) return first;
    return this.#joined();
  }

  #take(length: number): Buffer {
    const [first] = this.#chunks;
    const whole = first !== undefined && first.length >= length ? first : this.#joined();
    const rest = whole.subarray(length);
    if (rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
    this.#bytes -= length;
    return whole.subarray(0, length);
  }

  #joined(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
}

function lengthOf(head: Buffer): number {
  const length = head.readUInt32BE(1);
  if (head[0] !== 0) throw new PlatformError('invalid_request', { message: 'the message is packed; send it as it is' });
  if (length <= MAX_MESSAGE_BYTES) return length;
  throw new PlatformError('invalid_request', { message: `a message of ${length} bytes is longer than ${MAX_MESSAGE_BYTES}` });
}
